/// What decided: a rule of the policy or of a layer, or the default of one of them.
public struct RuleID: Sendable {
    /// `nil`: the policy.
    public let layer: String?
    /// `nil`: the default.
    public let name: String?

    private init(name: String?, layer: String?) {
        self.name = name
        self.layer = layer
    }

    public static func rule(_ name: String, layer: String? = nil) -> RuleID { RuleID(name: name, layer: layer) }

    /// The policy's default.
    public static let `default` = RuleID(name: nil, layer: nil)

    public static func `default`(layer: String?) -> RuleID { RuleID(name: nil, layer: layer) }

    /// The rule's name; `default` for the default.
    public var text: String { name ?? "default" }
}

extension RuleID: Hashable {
    public static func == (left: RuleID, right: RuleID) -> Bool { isSame(left.layer, right.layer) && isSame(left.name, right.name) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(layer.map { Array($0.utf8) })
        hasher.combine(name.map { Array($0.utf8) })
    }

    private static func isSame(_ left: String?, _ right: String?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): left.utf8.elementsEqual(right.utf8)
        case (nil, _?), (_?, nil): false
        }
    }
}
