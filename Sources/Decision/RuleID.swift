/// What decided: a rule, or the policy's default.
public enum RuleID: Sendable {
    case rule(String)
    case `default`

    /// The rule's name; `default` for the default.
    public var text: String {
        switch self {
        case .rule(let name): name
        case .default: "default"
        }
    }
}

extension RuleID: Hashable {
    public static func == (left: RuleID, right: RuleID) -> Bool {
        switch (left, right) {
        case (.rule(let a), .rule(let b)): a.utf8.elementsEqual(b.utf8)
        case (.default, .default): true
        case (.rule, _), (.default, _): false
        }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(Array(text.utf8)) }
}
