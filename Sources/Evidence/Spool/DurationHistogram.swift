/// How many durations were at most so long: counted, never kept one by one.
public struct DurationHistogram: Hashable, Sendable {
    /// Upper bounds in nanoseconds, rising; what is longer than the last is counted behind it.
    public let bounds: [Int64]
    /// One more than there are bounds.
    public private(set) var counts: [Int64]
    /// Of all durations, in nanoseconds.
    public private(set) var sum: Int64 = 0

    public init(bounds: [Int64]) {
        self.bounds = bounds
        counts = [Int64](repeating: 0, count: bounds.count + 1)
    }

    private init(microseconds bounds: [Int64]) { self.init(bounds: bounds.map { $0 * 1_000 }) }

    /// From a tenth of a millisecond to a minute: what calls take, and launches.
    public static let standard = DurationHistogram(microseconds: [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        60_000_000,
    ])

    /// From a microsecond to a second: what a gate itself takes for a decision.
    public static let decisions = DurationHistogram(microseconds: [
        1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000, 1_000_000,
    ])

    public var total: Int64 { counts.reduce(0, +) }

    /// What nobody can have measured counts as the longest there is.
    public mutating func add(microseconds: Int64) {
        let (nanoseconds, isTooLong) = microseconds.multipliedReportingOverflow(by: 1_000)
        add(nanoseconds: isTooLong ? microseconds.signum() * .max : nanoseconds)
    }

    public mutating func add(nanoseconds: Int64) {
        counts[bounds.firstIndex { nanoseconds <= $0 } ?? bounds.count] += 1
        sum = sum.addingReportingOverflow(max(0, nanoseconds)).partialValue
    }

    /// Those of another with the same bounds.
    public mutating func add(_ other: DurationHistogram) {
        precondition(bounds == other.bounds, "histograms of other durations are not added")
        for (index, count) in other.counts.enumerated() { counts[index] += count }
        sum = sum.addingReportingOverflow(other.sum).partialValue
    }
}
