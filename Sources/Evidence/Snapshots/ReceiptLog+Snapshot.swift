import Descriptors

extension ReceiptLog {
    /// The state is that of a log whose present segment begins.
    func takeSnapshot() {
        snapshot = LogSnapshot(state: state, keys: keys)
        isSnapshotDue = true
    }

    /// Keeps the snapshot beside the log once a checkpoint covers it. Where that fails the next opening reads more, and nothing else is lost: it
    /// is tried again behind the next checkpoint.
    ///
    /// INVARIANT: what it tells of is durable and signed before it is there.
    func keepSnapshot() {
        guard isSnapshotDue, snapshot.size > 0, let lastCheckpoint, lastCheckpoint.size >= snapshot.size, !segment.isBroken,
            !checkpoints.isBroken
        else { return }
        do throws(Errno) {
            let file = SnapshotFile(
                snapshot: snapshot, checkpoint: lastCheckpointOffset, roots: try FileStamp(of: LogFiles.roots, in: files.root))
            try file.write(in: files.root, signedBy: key) { step throws(Errno) in if let fault = snapshotFaultAt?(step) { throw fault } }
            isSnapshotDue = false
        } catch {
            // As said above.
        }
    }
}
