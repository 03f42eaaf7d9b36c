public import StrictJSON

/// So many decisions were made; `hold`: so often a person was asked.
public struct DecisionCounts: Sendable, Hashable {
    public var forward: Int64
    public var hold: Int64
    public var block: Int64

    public init(forward: Int64 = 0, hold: Int64 = 0, block: Int64 = 0) {
        self.forward = forward
        self.hold = hold
        self.block = block
    }

    public var json: JSON {
        ["forward": .number(JSONNumber(forward)), "hold": .number(JSONNumber(hold)), "block": .number(JSONNumber(block))]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let forward = json["forward"]?.int64, let hold = json["hold"]?.int64, let block = json["block"]?.int64 else {
            return nil
        }
        self.init(forward: forward, hold: hold, block: block)
    }
}
