public import Descriptors

extension ReceiptLog {
    /// The log in a directory that keeps its private key; nil where there is no such directory, or no key in it. Nothing is made.
    public static func existing(keepingKeyIn path: String, custody: Custody, time: UInt64 = Clock.realtime) throws(LogError) -> ReceiptLog?
    {
        do throws(Errno) { _ = try WorkingDirectory().status(of: path) } catch {
            if error == .noEntry { return nil }
            throw .system(error)
        }
        guard try KeyFiles(path).privateKey() != nil else { return nil }
        return try open(keepingKeyIn: path, custody: custody, time: time)
    }
}
