public import Policy
public import StrictJSON

/// What rules that apply to a call add to its effect.
public final class Additions: Sendable, Hashable {
    /// A limit and where it is counted.
    public struct Limit: Sendable, Hashable {
        public let rule: RuleID
        public let limit: CallLimit
        let slot: Int
    }

    /// A budget, where it is summed up, and which argument is charged to it.
    public struct Charge: Sendable, Hashable {
        public let rule: RuleID
        public let name: String
        public let of: JSONPointer
        public let limit: JSONDecimal
        public let per: Budget.Period
        let slot: Int
    }

    /// What is masked before the server sees it.
    public let redact: [JSONPointer]
    public let limits: [Limit]
    public let charges: [Charge]
    /// Sorted by name, then value.
    public let labels: [Rule.Label]
    public let isHidden: Bool

    init(redact: [JSONPointer], limits: [Limit], charges: [Charge], labels: [Rule.Label], isHidden: Bool) {
        self.redact = redact
        self.limits = limits
        self.charges = charges
        self.labels = Self.sorted(labels)
        self.isHidden = isHidden
    }

    var isEmpty: Bool { redact.isEmpty && limits.isEmpty && charges.isEmpty && labels.isEmpty && !isHidden }

    /// All of several; nothing twice. `nil` of none.
    static func united(_ several: [Additions]) -> Additions? {
        guard several.count > 1 else { return several.first }
        return Additions(
            redact: distinct(several.flatMap(\.redact)) { $0 }, limits: distinct(several.flatMap(\.limits)) { $0.slot },
            charges: distinct(several.flatMap(\.charges)) { ChargedPlace(slot: $0.slot, of: $0.of) },
            labels: several.flatMap(\.labels), isHidden: several.contains(where: \.isHidden))
    }

    private struct ChargedPlace: Hashable {
        let slot: Int
        let of: JSONPointer
    }

    private static func distinct<Item, Key: Hashable>(_ items: [Item], by key: (Item) -> Key) -> [Item] {
        var seen: Set<Key> = []
        return items.filter { seen.insert(key($0)).inserted }
    }

    private static func sorted(_ labels: [Rule.Label]) -> [Rule.Label] {
        let keyed = distinct(labels) { [Array($0.name.utf8), Array($0.value.utf8)] }.map { (Array($0.name.utf8), Array($0.value.utf8), $0) }
        return keyed.sorted { left, right in
            left.0 == right.0 ? left.1.lexicographicallyPrecedes(right.1) : left.0.lexicographicallyPrecedes(right.0)
        }.map(\.2)
    }

    public static func == (left: Additions, right: Additions) -> Bool {
        left === right
            || left.redact == right.redact && left.limits == right.limits && left.charges == right.charges && left.labels == right.labels
                && left.isHidden == right.isHidden
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(redact)
        hasher.combine(limits)
        hasher.combine(charges)
        hasher.combine(labels)
        hasher.combine(isHidden)
    }
}
