import Decision
import MCP

/// Why a message of this method is none of the protocol, whatever a policy permits.
extension Method {
    /// Nil when this side may ask so in an era; `agreed`: the version that an `initialize` led to.
    func refusal(asRequestFrom side: Side, in era: Era, agreed: ProtocolVersion?) -> BlockReason? {
        if isNotification { return .badID }
        if isKnown(from: side, in: era, agreed: agreed) { return nil }
        return versions(from: side) == nil ? .wrongSide : .methodUnknown
    }

    /// Nil when this side may say so. A notification does not tell its era.
    func refusal(asNotificationFrom side: Side, agreed: ProtocolVersion?) -> BlockReason? {
        // A request without an id would be done by some servers, and never answered.
        if !isNotification { return .badID }
        if isKnown(from: side, in: .legacy, agreed: agreed) || isKnown(from: side, in: .modern, agreed: agreed) { return nil }
        return versions(from: side) == nil ? .wrongSide : .methodUnknown
    }
}
