import Glibc

/// How a file is opened (open(2)). `closeOnExec` is always added.
public struct OpenFlags: OptionSet, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The same as no flag.
    public static let read = OpenFlags(rawValue: O_RDONLY)
    public static let write = OpenFlags(rawValue: O_WRONLY)
    public static let readWrite = OpenFlags(rawValue: O_RDWR)
    public static let create = OpenFlags(rawValue: O_CREAT)
    /// With `create`: fails with `EEXIST` when there is something already.
    public static let exclusive = OpenFlags(rawValue: O_EXCL)
    public static let truncate = OpenFlags(rawValue: O_TRUNC)
    public static let append = OpenFlags(rawValue: O_APPEND)
    public static let directory = OpenFlags(rawValue: O_DIRECTORY)
    public static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    public static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    public static let closeOnExec = OpenFlags(rawValue: O_CLOEXEC)
    /// `O_PATH`, which the Glibc module lacks; the same on every architecture that we build for.
    public static let path = OpenFlags(rawValue: 0o10_000_000)
}
