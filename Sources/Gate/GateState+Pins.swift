import MCP
import SessionProtocol

/// What the server says of itself, held against what was accepted.
extension GateState {
    mutating func settleDefinition(
        _ kind: ToldDefinition.Kind, _ name: String, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn
    ) {
    }
}
