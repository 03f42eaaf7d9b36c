import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import Store
import StrictJSON

/// Day budgets over the control API.
extension Daemon {
    func listBudgets(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            perform(.spentBudgets(of: peer.only), for: connection) { spent in
                connection.reply(ControlMessage(JSONObject([("budgets", .array(spent.map { BudgetSummary($0).json }))])))
            }
        } catch {
            connection.fail(error)
        }
    }

    func resetBudgets(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let selection = try BudgetSelection(call)
            guard selection.caller.map(peer.reaches) ?? true else {
                throw .notPermitted(problem: "a private sandboxd keeps its user's budgets alone")
            }
            let caller = selection.caller ?? peer.only
            let reset = Transaction.resetBudgets(of: caller, document: selection.document, budget: selection.budget)
            perform(reset, for: connection) { [weak self] count in
                self?.metrics.budgetsBeginAnew()
                self?.record(
                    .lifecycle,
                    [
                        "event": "budgets-reset", "by": JSON(Int(peer.user)), "count": JSON(count),
                        "caller": caller.map { JSON(Int($0)) } ?? .null,
                        "document": selection.document.map(JSON.string) ?? .null, "budget": selection.budget.map(JSON.string) ?? .null,
                    ], nil)
                connection.reply(ControlMessage(JSONObject([("reset", JSON(count))])))
            }
        } catch {
            connection.fail(error)
        }
    }

    /// Performs it on behalf of a peer, who is told when it cannot be done.
    func perform<Value>(_ transaction: Transaction<Value>, for connection: ControlConnection, then: @escaping (Value) -> Void) {
        storeKeeper.perform(transaction) { result in
            switch result {
            case .success(let value): then(value)
            case .failure(let error): connection.fail(.storeUnavailable(problem: error.text))
            }
        }
    }
}

extension BudgetSummary {
    init(_ one: Store.SpentBudget) {
        let kind: Kind = if case .layer = one.budget.owner { .layer } else { .policy }
        self.init(
            caller: one.budget.caller, kind: kind, document: one.budget.owner.name, budget: one.budget.name, day: one.day.number * 86_400,
            spent: one.spent.text, limit: one.limit.text)
    }
}
