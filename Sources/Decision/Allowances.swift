import Policy
public import StrictJSON

/// What calls have spent of limits and budgets in one session. A value: who forwards a call spends first, and takes it back when the call
/// was not forwarded after all.
public struct Allowances: Sendable, Hashable {
    /// What one call spent.
    public struct Spending: Sendable, Hashable {
        fileprivate var limits: [Int] = []
        fileprivate var amounts: [Amount] = []
        /// What it takes of budgets that are not the session's alone: nothing of it is spent here.
        public fileprivate(set) var shared: [SharedCharge] = []
    }

    /// What a call takes of a budget that other sessions spend as well.
    public struct SharedCharge: Sendable, Hashable {
        /// Of the rule that charges it.
        public let rule: RuleID
        public let budget: String
        /// Exact, and not negative.
        public var amount: JSONDecimal
        fileprivate let slot: Int

        fileprivate func isOfSameBudget(as other: SharedCharge) -> Bool {
            RuleID.rule(budget, layer: rule.layer) == .rule(other.budget, layer: other.rule.layer)
        }
    }

    fileprivate struct Amount: Sendable, Hashable {
        let slot: Int
        /// What was spent before.
        let before: JSONDecimal
        let value: JSONDecimal
    }

    private var windows: [Int: CallWindow] = [:]
    private var sums: [Int: JSONDecimal] = [:]
    /// Budgets of a day are summed up elsewhere.
    private let sharesDays: Bool

    /// `sharesDays`: budgets of a day are only priced; else they are those of a session that begins with its day.
    public init(sharesDays: Bool = false) { self.sharesDays = sharesDays }

    /// Spends what one call takes of all limits and budgets, or nothing: then why not. `arguments` is an object of the tape; `now` is in
    /// monotonic nanoseconds.
    public mutating func spend(
        _ additions: Additions, arguments: JSONNode?, in tape: borrowing JSONTape, now: UInt64
    ) throws(BlockReason) -> Spending {
        var spending = Spending()
        for limit in additions.limits {
            let isOpen = windows[limit.slot, default: CallWindow(limit.limit)].isOpen(at: now)
            guard isOpen else { throw .limitSpent(limit.rule, limit.limit) }
            spending.limits.append(limit.slot)
        }
        spending.amounts = try amounts(additions.charges.filter { !isShared($0) }, arguments, tape)
        spending.shared = try shared(additions.charges.filter(isShared), arguments, tape)
        for slot in spending.limits { windows[slot]?.count(at: now) }
        for amount in spending.amounts { sums[amount.slot] = amount.value }
        return spending
    }

    private func isShared(_ charge: Additions.Charge) -> Bool { sharesDays && charge.per == .day }

    /// One amount for each budget; no more than a whole day's.
    private func shared(
        _ charges: [Additions.Charge], _ arguments: JSONNode?, _ tape: borrowing JSONTape
    ) throws(BlockReason) -> [SharedCharge] {
        var found: [SharedCharge] = []
        for charge in charges {
            let value = try Self.amount(charge, arguments, tape)
            let known = found.firstIndex { $0.slot == charge.slot }
            let before = known.map { found[$0].amount } ?? .zero
            guard let sum = before.adding(value), !(charge.limit < sum) else { throw .budgetSpent(charge.rule, budget: charge.name) }
            if let known {
                found[known].amount = sum
            } else {
                found.append(SharedCharge(rule: charge.rule, budget: charge.name, amount: sum, slot: charge.slot))
            }
        }
        return Self.largest(found)
    }

    /// Of two versions of a document, by which a session that was tightened is held, both charge what is one budget to everybody else.
    private static func largest(_ charges: [SharedCharge]) -> [SharedCharge] {
        charges.reduce(into: []) { list, charge in
            guard let known = list.firstIndex(where: { $0.isOfSameBudget(as: charge) }) else { return list.append(charge) }
            if list[known].amount < charge.amount { list[known].amount = charge.amount }
        }
    }

    /// The new sums, of which each is within its budget.
    private func amounts(
        _ charges: [Additions.Charge], _ arguments: JSONNode?, _ tape: borrowing JSONTape
    ) throws(BlockReason) -> [Amount] {
        var amounts: [Amount] = []
        for charge in charges {
            let known = amounts.firstIndex { $0.slot == charge.slot }
            let before = known.map { amounts[$0].value } ?? sums[charge.slot] ?? .zero
            let value = try Self.amount(charge, arguments, tape)
            guard let sum = before.adding(value), !(charge.limit < sum) else {
                throw .budgetSpent(charge.rule, budget: charge.name)
            }
            let amount = Amount(slot: charge.slot, before: known.map { amounts[$0].before } ?? before, value: sum)
            if let known { amounts[known] = amount } else { amounts.append(amount) }
        }
        return amounts
    }

    private static func amount(
        _ charge: Additions.Charge, _ arguments: JSONNode?, _ tape: borrowing JSONTape
    ) throws(BlockReason) -> JSONDecimal {
        guard let value = value(charge, arguments, tape) else {
            throw .badAmount(charge.rule, budget: charge.name, pointer: charge.of.text)
        }
        return value
    }

    /// Not negative, and exact.
    private static func value(_ charge: Additions.Charge, _ arguments: JSONNode?, _ tape: borrowing JSONTape) -> JSONDecimal? {
        guard let arguments, case .found(let node) = ArgumentPlace(charge.of).find(from: arguments, tape) else { return nil }
        guard let number = ExactNumber(node, tape), !number.decimal.isNegative else { return nil }
        return number.decimal
    }

    /// The last call that spent was not forwarded. Spendings are taken back in the opposite order.
    public mutating func takeBack(_ spending: Spending) {
        for slot in spending.limits { windows[slot]?.takeBack() }
        for amount in spending.amounts { sums[amount.slot] = amount.before }
    }

    /// What is spent of each budget whose charge is known to a rule.
    public func spent(_ charge: Additions.Charge) -> JSONDecimal { sums[charge.slot] ?? .zero }
}

extension CallWindow {
    init(_ limit: CallLimit) { self.init(calls: limit.calls, period: limit.per.nanoseconds) }
}

extension CallLimit.Period {
    /// `nil` for the whole session.
    fileprivate var nanoseconds: UInt64? {
        switch self {
        case .second: 1_000_000_000
        case .minute: 60_000_000_000
        case .hour: 3_600_000_000_000
        case .day: 86_400_000_000_000
        case .session: nil
        }
    }
}
