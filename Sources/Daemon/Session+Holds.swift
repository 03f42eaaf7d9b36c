import SessionProtocol

/// Calls of this session that wait for a person.
extension Session {
    func ask(about call: HeldCall, _ number: Int64) {
        answerGate(number, .failed("nobody can be asked"))
    }

    func withdrawHold(_ number: Int64) {}
}
