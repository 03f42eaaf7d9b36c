public import Descriptors

/// Why a call brought no reply.
public enum ControlCallFailure: Error, Sendable, Hashable {
    /// No answer before the deadline.
    case timedOut
    /// The other side closed instead of answering.
    case closed
    case violation(ProtocolViolation)
    case systemCall(Errno)
    /// The call is larger than a message may be.
    case tooLarge
    /// It was answered, with an error.
    case answered(ControlError)
}
