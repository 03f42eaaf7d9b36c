import StrictJSON

/// How many denials of the kernel the statements of a spool tell of. What the gate declared void does not count: it told of that again.
public struct DenialTally: Hashable, Sendable {
    public private(set) var told: UInt64 = 0
    /// The latest statements, which may yet be declared void; a gate voids no more than it wrote at once.
    private var latest: [Statement] = []

    private struct Statement: Hashable {
        let number: UInt64
        let count: UInt64
    }

    private static let remembered = 1_024

    public init() {}

    mutating func take(_ frame: SpoolFrame) {
        switch frame.kind {
        case .kernelDenial: add(frame)
        case .lifecycle: void(frame)
        case .launch, .refusal, .decision, .hold, .grant, .outcome, .drift, .exit, .connection, .preparation: break
        }
    }

    private mutating func add(_ frame: SpoolFrame) {
        guard let count = (try? JSON(parsing: frame.body))?["count"]?.int64.flatMap({ UInt64(exactly: $0) }) else { return }
        // A sum beyond all bounds is no honest gate's, and found to be more than was counted.
        told = told.addingReportingOverflow(count).overflow ? .max : told + count
        latest.append(Statement(number: frame.number, count: count))
        if latest.count > Self.remembered { latest.removeFirst(Self.remembered / 2) }
    }

    private mutating func void(_ frame: SpoolFrame) {
        guard let range = SpoolVoid(body: frame.body) else { return }
        for statement in latest where (range.first...range.last).contains(statement.number) { told -= min(told, statement.count) }
        latest.removeAll { (range.first...range.last).contains($0.number) }
    }
}
