import Policy
import StrictJSON

/// Numbers for what calls spend: each limit has one of its own, and each budget of a document one for all rules that name it.
struct AllowanceSlots {
    private struct Place: Hashable {
        let layer: [UInt8]?
        let name: [UInt8]
    }

    private struct Terms {
        let slot: Int
        let limit: JSONDecimal
        let per: Budget.Period
    }

    private(set) var limits = 0
    private(set) var budgets = 0
    private var terms: [Place: Terms] = [:]

    mutating func limit() -> Int {
        limits += 1
        return limits - 1
    }

    /// Nil where the budget's terms are not those that an earlier rule gave it.
    mutating func budget(_ name: String, in layer: String?, limit: JSONDecimal, per: Budget.Period) -> Int? {
        let place = Place(layer: layer.map { Array($0.utf8) }, name: Array(name.utf8))
        if let known = terms[place] { return known.limit == limit && known.per == per ? known.slot : nil }
        budgets += 1
        terms[place] = Terms(slot: budgets - 1, limit: limit, per: per)
        return budgets - 1
    }
}
