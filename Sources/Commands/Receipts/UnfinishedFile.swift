import Descriptors

/// A file that has its name only once it is whole and durable; until then it lies beside it.
final class UnfinishedFile {
    private let path: String
    private let descriptor: OwnedDescriptor
    private var pending: [UInt8] = []
    private(set) var failure: Errno?

    private static let step = 1 << 16

    init(_ path: String) throws(Errno) {
        self.path = path
        descriptor = try WorkingDirectory().open(path + ".unfinished", [.write, .create, .truncate, .noFollow], mode: 0o600)
    }

    /// False once something could not be written.
    func take(_ piece: [UInt8]) -> Bool {
        pending += piece
        return pending.count < Self.step || flush()
    }

    private func flush() -> Bool {
        do { try descriptor.writeWhole(pending) } catch { failure = error }
        pending.removeAll(keepingCapacity: true)
        return failure == nil
    }

    func finish() throws(Errno) {
        if !flush(), let failure { throw failure }
        try descriptor.synchronize()
        try WorkingDirectory().rename(path + ".unfinished", to: path)
    }

    func discard() { try? WorkingDirectory().unlink(path + ".unfinished") }
}
