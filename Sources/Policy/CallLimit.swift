/// How often calls that a rule applies to are forwarded; further ones are blocked.
///
/// Counted within one session, over sliding windows: in no span of the period's length (a day is 24 hours) are more calls forwarded.
public struct CallLimit: Sendable, Hashable {
    public enum Period: String, Sendable, Hashable, CaseIterable {
        case second, minute, hour, day, session
    }

    /// At least 1.
    public var calls: Int
    public var per: Period

    public init(calls: Int, per: Period) {
        self.calls = calls
        self.per = per
    }
}

/// How much of an argument, summed over the calls that are forwarded, a session or a day may spend. Rules of one document with one name
/// share one budget, whose `limit` and `per` must be the same; a call is charged once for each argument that they name.
public struct Budget: Sendable, Hashable {
    public enum Period: String, Sendable, Hashable, CaseIterable {
        case session, day
    }

    public var name: String
    /// A number; a call where it is anything else, or negative, is blocked.
    public var of: JSONPointer
    /// The token of a JSON number, not negative.
    public var limit: JSONText
    public var per: Period

    public init(name: String, of: JSONPointer, limit: JSONText, per: Period) {
        self.name = name
        self.of = of
        self.limit = limit
        self.per = per
    }
}
