import Descriptors
import Evidence
import KernelPlan
import Policy
import SessionProtocol
import Store
import StrictJSON

/// Budgets that outlive this session.
extension Session {
    /// What a gate took and may still give back: a call that was decided in the turn of the answer. So many are remembered.
    static let leasesLimit = 256

    /// What was taken, for what, and on which day.
    struct Lease {
        let taken: Store.Lease
        let charges: [DayCharge]
        let day: Day
    }

    /// Reserves what a call takes, all or nothing, before the gate forwards it. What a gate that dies has taken stays spent. A lease that an
    /// earlier daemon took, and could not tell the gate of, is charged once.
    func take(_ lease: BudgetLease, _ number: Int64) {
        // To this daemon each is said once.
        guard lease.id > lastLease else { return violated() }
        lastLease = lease.id
        let charges = lease.charges.compactMap { charge in
            JSONNumber(token: charge.amount).flatMap {
                dayBudgets.charge(charge.budget, layer: charge.layer, $0.decimal, caller: caller.uid)
            }
        }
        guard charges.count == lease.charges.count else { return answerGate(number, .failed("the session has no such budget")) }
        let key = Store.Lease(session: id, number: lease.id)
        daemon.storeKeeper.perform(.take(charges, for: key, settled: lease.settled)) { [weak self] result in
            self?.took(result, charges, for: key, number)
        }
    }

    private func took(_ result: Result<Store.Taken, StoreError>, _ charges: [DayCharge], for key: Store.Lease, _ number: Int64) {
        if case .success = result { daemon.watch.tookLease() }
        switch result {
        case .success(.none(let spent)):
            daemon.metrics.exhausted(spent, on: Day(at: Clock.realtime))
            answerGate(number, .exhausted(charge: charges.firstIndex { $0.budget == spent } ?? 0))
        case .success(.all(let day)):
            let lease = Lease(taken: key, charges: charges, day: day)
            // The gate has taken it back meanwhile.
            guard gateRequests[number] != nil else { return giveBack(lease) }
            remember(lease, number)
            answerGate(number, .leased)
        case .failure(let error): storeFailed(error, number)
        }
    }

    /// What the gate asked for cannot be known, or not be kept.
    func storeFailed(_ error: StoreError, _ number: Int64) {
        record(.lifecycle, ["event": "store-unavailable", "problem": .string(error.text)])
        answerGate(number, .unavailable(error.text))
    }

    private func remember(_ lease: Lease, _ number: Int64) {
        leases[number] = lease
        if leases.count > Self.leasesLimit, let oldest = leases.keys.min() { leases[oldest] = nil }
    }

    /// The call was not forwarded. Given back at most once; what cannot be given back stays spent.
    func giveBackLease(_ number: Int64) {
        guard let lease = leases.removeValue(forKey: number) else { return }
        giveBack(lease)
    }

    private func giveBack(_ lease: Lease) {
        daemon.storeKeeper.attempt(.giveBack(lease.charges, takenOn: lease.day, for: lease.taken))
    }

    /// Nobody asks for what this session took any more.
    func forgetLeases() {
        guard !dayBudgets.isEmpty else { return }
        daemon.storeKeeper.attempt(.forgetLeases(of: id))
    }

    /// A session that would have to ask the host's own store does not start without it. Without the one that hosts share it does: what needs that is blocked
    /// while it is out of reach, and nothing else.
    func requireStore() throws(Refusal) {
        guard !proves, let clause = storedClause else { return }
        do throws(StoreError) { try daemon.storeKeeper.probe() } catch {
            throw Refusal(Reason(.storeUnavailable, ["clause": clause, "problem": error.text, "path": daemon.state.store]))
        }
    }

    /// The first clause that needs it; `nil` where none does.
    private var storedClause: String? {
        if !daemon.storeKeeper.isShared, let clause = sharedClause { return clause }
        return definitions.mode == .off ? nil : "pins"
    }

    private var sharedClause: String? {
        if !dayBudgets.isEmpty { return "per: day" }
        if tools.asks || messages.asks || layers.contains(where: { $0.clauses.tools.asks || $0.clauses.messages.asks }) { return "ask" }
        return nil
    }
}
