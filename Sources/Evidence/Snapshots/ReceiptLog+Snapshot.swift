import Descriptors

extension ReceiptLog {
    /// What writing a snapshot costs grows with the sessions that are known: a log that had many writes it less often, so that this stays a part
    /// of what its receipts cost.
    private static let sessionsPerReceipt = 8

    private var isSnapshotDue: Bool {
        guard let keptSnapshot else { return snapshot.size > 0 }
        return snapshot.size - keptSnapshot > UInt64(snapshot.state.sessions.count / Self.sessionsPerReceipt)
    }

    /// Keeps the snapshot beside the log once a checkpoint covers it. Where that fails the next opening reads more, and nothing else is lost: it
    /// is tried again behind the next checkpoint.
    ///
    /// INVARIANT: what it tells of is durable and signed before it is there.
    func keepSnapshot() {
        guard isSnapshotDue, let lastCheckpoint, lastCheckpoint.size >= snapshot.size, !segment.isBroken,
            !checkpoints.isBroken
        else { return }
        do throws(Errno) {
            let file = SnapshotFile(
                snapshot: snapshot, checkpoint: lastCheckpointOffset, roots: try FileStamp(of: LogFiles.roots, in: files.root))
            try file.write(in: files.root, signedBy: key) { step throws(Errno) in if let fault = snapshotFaultAt?(step) { throw fault } }
            keptSnapshot = snapshot.size
        } catch {
            // As said above.
        }
    }
}
