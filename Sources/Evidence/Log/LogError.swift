public import Descriptors

/// Why a log cannot be opened or written. Nothing that was not written counts as recorded.
public enum LogError: Error, Hashable, Sendable {
    /// A system call failed.
    case system(Errno)
    /// Somebody else has this log open for writing.
    case inUse
    /// The key file is not one of ours.
    case malformedKey
    /// A key of an algorithm that this version does not have.
    case unknownAlgorithm(UInt8)
    /// The log is signed by a key that was not given.
    case otherKey(VerifierKey)
    /// A log keeps its name: the key that is to follow bears another.
    case otherName(log: String, found: String)
    /// The key that is to follow signed for this log before.
    case usedKey
    /// The log was signed, and its key is gone.
    case missingKey
    /// The name cannot stand in a signed note.
    case invalidKeyName
    /// What is on disk is not what was signed: kept as it is, for `receipts verify` to say more.
    case damaged(Finding)
    /// An earlier write failed and could not be undone: open the log again.
    case broken
}

extension LogError {
    /// For the part of a sentence behind a colon.
    public var text: String {
        switch self {
        case .system(let error): error.name
        case .inUse: "another process writes it"
        case .malformedKey: "its key file is not one of ours"
        case .unknownAlgorithm(let type): "its key is of an algorithm that this sandboxd does not know (\(type))"
        case .otherKey(let key): "it is signed by the key \(key.text), and another was given"
        case .otherName(let log, let found): "its next key must bear its name, \(log), and the one that was given is called \(found)"
        case .usedKey: "the key that is to follow signed for it before"
        case .missingKey: "it is signed, and its key is gone"
        case .invalidKeyName: "its key has a name that a signed note cannot carry"
        case .damaged(let finding): "`\(finding.file)`\(finding.line.map { ", line \($0)," } ?? "") is not what was signed"
        case .broken: "an earlier write failed and could not be undone"
        }
    }
}
