import SessionProtocol

/// What this session's server says of itself.
extension Session {
    func judge(_ definition: ToldDefinition, _ number: Int64) {
        answerGate(number, .failed("no pins are kept"))
    }
}
