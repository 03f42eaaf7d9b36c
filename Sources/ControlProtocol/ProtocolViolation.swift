/// How a peer broke the framing: the connection is closed, nothing is answered.
public enum ProtocolViolation: String, Error, Sendable, Hashable, CaseIterable {
    /// More than `ControlLimits.messageBytes` without a NUL.
    case tooLong
    /// Not one strictly formed JSON object.
    case notAnObject
    /// A call without a method, a member of another type, a reply with members that no reply has.
    case malformed
    /// More descriptors than a message may bring, or descriptors that came with none.
    case strayDescriptors
    /// The peer closed in mid-message.
    case cutOff
    /// A call before the last one was answered, or a reply that nobody waits for.
    case outOfTurn
}
