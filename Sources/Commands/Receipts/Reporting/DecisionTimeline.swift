import Evidence

/// Decisions by time, in bounded memory: the steps grow with the time that is covered.
struct DecisionTimeline: Sendable, Hashable {
    struct Counts: Sendable, Hashable {
        var forward: UInt64 = 0
        var hold: UInt64 = 0
        var block: UInt64 = 0

        var total: UInt64 { forward + hold + block }

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(forward: left.forward + right.forward, hold: left.hold + right.hold, block: left.block + right.block)
        }
    }

    struct Step: Sendable, Hashable {
        /// Seconds since 1970.
        let begin: Int
        let counts: Counts
    }

    /// Each divides the next, so that steps can be united.
    private static let lengths = [1, 5, 15, 60, 300, 900, 3_600, 10_800, 43_200, 86_400, 604_800, 2_419_200, 31_449_600, 314_496_000]
    private static let most = 60

    private var level = 0
    private var steps: [Int: Counts] = [:]

    /// How long each step is, in seconds.
    var length: Int { Self.lengths[level] }

    /// `time`: as receipts write it.
    mutating func add(_ decision: String, at time: String) {
        guard let seconds = Self.seconds(time) else { return }
        let index = Self.floor(seconds, length)
        switch decision {
        case "forward": steps[index, default: Counts()].forward += 1
        case "hold": steps[index, default: Counts()].hold += 1
        case "block": steps[index, default: Counts()].block += 1
        case _: return
        }
        while span > Self.most, level < Self.lengths.count - 1 { coarsen() }
    }

    /// From the first to the last, those without any decision included.
    var all: [Step] {
        guard let first = steps.keys.min(), let last = steps.keys.max() else { return [] }
        return (first...min(last, first + Self.most - 1)).map { Step(begin: $0 * length, counts: steps[$0] ?? Counts()) }
    }

    private var span: Int { (steps.keys.max() ?? 0) - (steps.keys.min() ?? 0) + 1 }

    private mutating func coarsen() {
        let factor = Self.lengths[level + 1] / Self.lengths[level]
        var united: [Int: Counts] = [:]
        for (index, counts) in steps {
            united[Self.floor(index, factor), default: Counts()] = (united[Self.floor(index, factor)] ?? Counts()) + counts
        }
        steps = united
        level += 1
    }

    private static func floor(_ value: Int, _ divisor: Int) -> Int { value / divisor - (value % divisor < 0 ? 1 : 0) }

    /// Seconds since 1970 of a receipt's time; days by eras of 400 years that begin in March.
    static func seconds(_ time: String) -> Int? {
        let bytes = Array(time.utf8)
        guard TimeBound.isWhole(time) else { return nil }
        func field(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) } }
        let month = field(5..<7)
        let year = field(0..<4) - (month <= 2 ? 1 : 0)
        let era = floor(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + field(8..<10) - 1
        let day = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return day * 86_400 + field(11..<13) * 3_600 + field(14..<16) * 60 + field(17..<19)
    }

    /// `2026-01-31 08:05:00`, without what the steps do not tell apart.
    static func label(_ seconds: Int, length: Int) -> String {
        let text = Timestamp(nanoseconds: UInt64(clamping: seconds) &* 1_000_000_000).text
        let clock = length >= 86_400 ? "" : " " + text.dropFirst(11).prefix(length >= 60 ? 5 : 8)
        return text.prefix(10) + clock
    }
}
