public import Descriptors

/// Why a statement is not in the spool. Whatever it was to permit must not happen.
public enum SpoolError: Error, Hashable, Sendable {
    /// The body is larger than `Spool.bodyLimit`.
    case tooLarge(Int)
    /// The write failed, or ended early: nothing more is appended until `recover`.
    case write(Errno)
    /// Ended early without a reason.
    case short(written: Int, of: Int)
    /// fdatasync failed: what is on disk is unknown, and asking again would hide it. There is no recovery.
    case synchronize(Errno)
    /// An earlier append failed.
    case needsRecovery
}

extension SpoolError {
    /// For the part of a sentence behind a colon.
    public var text: String {
        switch self {
        case .tooLarge(let count): "\(count) bytes are too many for one receipt"
        case .write(let error): "cannot be written (\(error.name))"
        case .short(let written, let count): "\(written) of \(count) bytes were written"
        case .synchronize(let error): "cannot be brought to the disk (\(error.name))"
        case .needsRecovery: "an earlier write failed"
        }
    }
}
