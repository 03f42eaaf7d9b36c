import SessionProtocol

/// Budgets that outlive this session.
extension Session {
    func take(_ lease: BudgetLease, _ number: Int64) {
        answerGate(number, .failed("no budgets are kept"))
    }
}
