import MCP
import SessionProtocol

/// Calls that a person decides.
extension GateState {
    mutating func settleHold(_ call: RequestID, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
    }
}
