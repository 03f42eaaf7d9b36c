import Policy
import StrictJSON

/// Numbers for what calls spend: each limit has one of its own, and each budget of a document one for all rules that name it.
struct AllowanceSlots {
    private struct Place: Hashable {
        let layer: [UInt8]?
        let name: [UInt8]
        /// Which of the times that documents were added.
        let turn: Int
    }

    private struct Terms {
        let slot: Int
        let limit: JSONDecimal
        let per: Budget.Period
    }

    private(set) var limits = 0
    private(set) var budgets = 0
    private var terms: [Place: Terms] = [:]
    private var turn = 0

    /// Documents that come from here on share nothing with those before, whatever their names.
    mutating func beginAnew() { turn += 1 }

    mutating func limit() -> Int {
        limits += 1
        return limits - 1
    }

    /// Nil where the budget's terms are not those that an earlier rule gave it.
    mutating func budget(_ name: String, in layer: String?, limit: JSONDecimal, per: Budget.Period) -> Int? {
        let place = Place(layer: layer.map { Array($0.utf8) }, name: Array(name.utf8), turn: turn)
        if let known = terms[place] { return known.limit == limit && known.per == per ? known.slot : nil }
        budgets += 1
        terms[place] = Terms(slot: budgets - 1, limit: limit, per: per)
        return budgets - 1
    }
}
