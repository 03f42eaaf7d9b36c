public import StrictJSON

/// Equal acts that were denied, counted together.
public struct CountedDenial: Sendable, Hashable {
    public let act: DeniedAct
    public private(set) var count: Int
    /// CLOCK_MONOTONIC, nanoseconds.
    public private(set) var first: UInt64
    public private(set) var last: UInt64

    public init(_ denial: KernelDenial) {
        act = denial.act
        count = 1
        first = denial.time
        last = denial.time
    }

    public mutating func add(_ denial: KernelDenial) {
        count += 1
        first = min(first, denial.time)
        last = max(last, denial.time)
    }

    /// Those of the same act.
    public mutating func add(_ other: CountedDenial) {
        count += other.count
        first = min(first, other.first)
        last = max(last, other.last)
    }

    /// `connect to 192.0.2.1:443 (tcp), 3 times`.
    public var words: String { act.words + (count == 1 ? "" : ", \(count) times") }

    /// Members of a receipt; `first` and `last` are microseconds of CLOCK_MONOTONIC, which JSON holds exactly for 285 years.
    public var members: JSONObject {
        var members = act.members
        members["claim"] = "observed"
        members["count"] = JSON(count)
        members["first"] = JSON(Int64(first / 1_000))
        members["last"] = JSON(Int64(last / 1_000))
        return members
    }
}
