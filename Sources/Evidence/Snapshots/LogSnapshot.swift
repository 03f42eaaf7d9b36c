/// What a log was when its last segment began, so that opening it reads what follows and not all there is.
///
/// It lies beside the log, signed by the log's key, and is used only when
/// * its signature is by the key that opens the log,
/// * each segment before it is there with the size and the time of change that it had when it was finished, and no other; so is `roots`,
/// * the last checkpoint covers it: the tree that grows from its edge by what follows has the root that was signed.
///
/// Whatever else is beside the log, all of it is read from the beginning. So a bad snapshot costs time and changes nothing.
///
/// What opening no longer finds then is a receipt in a finished segment that changed while size and time of change of its file stayed: by a disk
/// that gives back other bytes than it was given, or by somebody who writes below the file system or turns back the host's clock. Whoever
/// merely writes to the file, copies it or changes its attributes makes the next opening read everything. `receipts verify` always does.
struct LogSnapshot {
    /// As the segment that begins with the receipt of this number began.
    var state = LogState()
    var keys: KeyChain

    var size: UInt64 { state.size }
}
