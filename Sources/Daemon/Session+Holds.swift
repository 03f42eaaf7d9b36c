import Evidence
import KernelPlan
import SessionProtocol
import Store

/// Calls of this session that wait for a person.
extension Session {
    func ask(about call: HeldCall, _ number: Int64) {
        guard let asker else { return answerGate(number, .failed("this session was not asked for by anybody who could be told")) }
        daemon.ask(call, asker, ApprovalDesk.Waiter(session: id, number: number))
    }

    func withdrawHold(_ number: Int64) { daemon.withdraw(ApprovalDesk.Waiter(session: id, number: number)) }

    func detachHold(_ number: Int64) { daemon.detach(ApprovalDesk.Waiter(session: id, number: number)) }

    func acceptHold(_ number: Int64) { daemon.accept(ApprovalDesk.Waiter(session: id, number: number)) }

    /// `nil` for a session whose record does not say who may decide.
    private var asker: ApprovalDesk.Asker? {
        guard let approvers, let policy = facts.policy else { return nil }
        return ApprovalDesk.Asker(caller: caller.uid, server: serverName, policy: policy.hex, client: client, approvers: approvers)
    }
}
