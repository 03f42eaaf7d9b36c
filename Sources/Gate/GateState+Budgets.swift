import MCP
import SessionProtocol

/// Budgets that are not the session's alone.
extension GateState {
    mutating func settleLease(_ call: RequestID, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
    }
}
