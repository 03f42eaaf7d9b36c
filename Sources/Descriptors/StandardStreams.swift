import Glibc

/// Descriptors 0, 1 and 2 of a process at its start.
public enum StandardStreams {
    /// Opens /dev/null on each of 0, 1, 2 that is closed, so that no later open lands there and is taken for the client's stream.
    public static func fillGaps() throws(Errno) {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 {
            let filler = try retrying { Glibc.open("/dev/null", O_RDWR) }
            precondition(filler == number, "open(2) gives the lowest free number")
        }
    }
}
