import Decision
import StrictJSON

/// Whether what is decided can be recorded, and what is said when it can be again.
extension GateState {
    /// Whether decisions can be recorded; without, calls are blocked.
    public var canRecord: Bool { evidenceFault == nil }

    /// What was decided before can still be told of: there is room, and there are only so many that wait for their answers.
    var canRecordOutcome: Bool { canRecord || evidenceFault == .evidenceBehind }

    /// What blocks while nothing can be recorded.
    var unrecordable: BlockReason { evidenceFault ?? .evidenceUnavailable }

    /// Too many records wait for the log: nothing is decided that would add to them.
    public mutating func fallBehind() {
        if canRecord { evidenceFault = .evidenceBehind }
    }

    /// The log has caught up.
    public mutating func catchUp(_ turn: inout GateTurn) {
        guard evidenceFault == .evidenceBehind else { return }
        goOn(&turn)
    }

    /// Records can be written again; the last one in the spool is this.
    public mutating func recordsAgain(lastNumber: UInt64, _ turn: inout GateTurn) {
        self.lastNumber = lastNumber
        goOn(&turn)
    }

    /// What was blocked without a record is counted in one.
    private mutating func goOn(_ turn: inout GateTurn) {
        let why = unrecordable
        evidenceFault = nil
        guard unrecordedInputs > 0 else { return }
        let count = unrecordedInputs
        unrecordedInputs = 0
        record(
            .lifecycle, ["event": "unrecorded", "inputs": .number(JSONNumber(count)), "reason": .string(why.code)], inputs: count, &turn)
    }
}
