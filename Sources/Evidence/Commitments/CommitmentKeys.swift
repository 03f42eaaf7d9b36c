public import Descriptors

/// The keys of a log's sessions, one file each: who has a session's key can hold a content against the commitments of its receipts, and who
/// has not learns nothing from them.
public struct CommitmentKeys: Sendable, Hashable {
    private let log: String

    /// Of the log in this directory.
    public init(log: String) {
        self.log = log
    }

    /// Makes a session's key and keeps it, 0600: on the disk when this returns. Errors: EEXIST when the session has one.
    public func make(for session: String) throws(Errno) -> CommitmentKey {
        precondition(SessionFacts.isIdentifier(session))
        let log = try WorkingDirectory().open(self.log, .directory)
        let isNew = try Self.makeDirectory(in: log)
        let directory = try log.open(LogFiles.commitmentKeys, .directory)
        let key = CommitmentKey.random()
        let file = try directory.open(session, [.write, .create, .exclusive], mode: 0o600)
        try file.writeWhole(key.hex + "\n")
        try file.synchronize()
        try directory.synchronize()
        if isNew { try log.synchronize() }
        return key
    }

    /// nil when none is kept. Errors: EINVAL for a file that holds no key.
    public func key(of session: String) throws(Errno) -> CommitmentKey? {
        guard SessionFacts.isIdentifier(session) else { return nil }
        do throws(Errno) {
            let bytes = try WorkingDirectory().contents(of: path(session), limit: 2 * CommitmentKey.size + 1)
            guard let bytes, bytes.last == 0x0A, let key = CommitmentKey(text: String(decoding: bytes, as: UTF8.self)) else {
                throw .invalid
            }
            return key
        } catch {
            if error == .noEntry { return nil }
            throw error
        }
    }

    /// From here on nobody holds a content against what the session's receipts commit to.
    public func remove(_ session: String) throws(Errno) {
        guard SessionFacts.isIdentifier(session) else { return }
        do { try WorkingDirectory().unlink(path(session)) } catch {
            if error != .noEntry { throw error }
        }
    }

    /// The sessions that have one.
    public func sessions() throws(Errno) -> [String] {
        do throws(Errno) {
            let names = try WorkingDirectory().open(log + "/" + LogFiles.commitmentKeys, .directory).names()
            return names.map { String(decoding: $0, as: UTF8.self) }.filter { SessionFacts.isIdentifier($0) }
        } catch {
            if error == .noEntry { return [] }
            throw error
        }
    }

    private func path(_ session: String) -> String { "\(log)/\(LogFiles.commitmentKeys)/\(session)" }

    /// Whether it was not there.
    private static func makeDirectory(in log: borrowing OwnedDescriptor) throws(Errno) -> Bool {
        do {
            try log.makeDirectory(LogFiles.commitmentKeys, mode: 0o700)
            return true
        } catch {
            if error == .exists { return false }
            throw error
        }
    }
}
