public import Descriptors

/// Why folding a spool stopped.
public enum FoldError: Error, Hashable, Sendable {
    /// The spool cannot be read.
    case spool(Errno)
    /// The log cannot be written; nothing is lost, the spool still holds it.
    case log(LogError)
    /// The spool breaks its rules: a violation, the session ends. What came before is in the log.
    case violation(SpoolFault)
}
