import Descriptors
import Evidence

/// The logs that earlier private daemons of the same user left: one a session, each with a key of its own.
struct PrivateLogs {
    private var paths: [String]

    /// Those beside the one of `state`.
    init(of state: StateDirectory) {
        guard let shared = state.shared else {
            paths = []
            return
        }
        let sessions = shared + "/sessions"
        let names = (try? WorkingDirectory().open(sessions, [.read, .directory]).names()) ?? []
        paths = names.map { "\(sessions)/\(String(decoding: $0, as: UTF8.self))/evidence" }.filter { $0 != state.evidence }
    }

    mutating func next() -> String? { paths.popLast() }

    /// Removes all that is past its time. A log that another daemon writes is that daemon's to look after; one that is not what was signed stays
    /// as it is.
    static func retain(_ path: String, now: UInt64) {
        do throws(LogError) {
            guard let log = try ReceiptLog.existing(keepingKeyIn: path, custody: .user) else { return }
            while let removal = try log.retain(now: now), removal.hasMore {}
            try log.checkpoint()
        } catch {
            // Nothing was promised for this moment: the next daemon tries again.
        }
    }
}
