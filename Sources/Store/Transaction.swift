/// One thing that is asked of the store, or done to it: all of it, or nothing.
///
/// A value that does nothing by itself, and the same for every back end. What it asks first is known from the start; by what that finds it
/// decides about its value, and about what it changes. Whoever performs it may do so again where nothing of it was kept.
public struct Transaction<Value> {
    public let topic: Topic
    let exclusion: Exclusion
    /// Asked again when it was done already, it does no more and says the same: it may be asked again by whoever does not know whether it was.
    let isRepeatable: Bool
    let first: [Statement]
    let decide: (Findings) throws(StoreError) -> (value: Value, changes: [Statement])

    /// Several statements, of which the later depend on the first.
    init(
        _ topic: Topic, excluding exclusion: Exclusion, isRepeatable: Bool = false, first: [Statement] = [],
        decide: @escaping (Findings) throws(StoreError) -> (value: Value, changes: [Statement])
    ) {
        self.topic = topic
        self.exclusion = exclusion
        self.isRepeatable = isRepeatable
        self.first = first
        self.decide = decide
    }

    /// One statement by itself, and what its answer means.
    init(_ topic: Topic, isRepeatable: Bool, _ only: Statement, read: @escaping (Findings) throws(StoreError) -> Value) {
        self.init(topic, excluding: .nobody, isRepeatable: isRepeatable, first: [only]) { findings throws(StoreError) in
            (try read(findings), [])
        }
    }
}

/// Whom a transaction keeps out meanwhile.
enum Exclusion: Sendable, Hashable {
    /// Nobody: it only reads, or is one statement by itself.
    case nobody
    /// Whoever does anything for this user.
    case caller(UInt32)
    /// Whoever does anything at all with the topic.
    case everybody
}

/// What a transaction's first statements found.
struct Findings {
    /// Seconds since 1970, by the clock that the store goes by.
    let now: Int64
    /// One answer for each statement.
    let rows: [[StoredRow]]
}

extension Findings {
    /// What `read` makes of each row of the first answer.
    func rows<Row>(of index: Int = 0, _ read: (StoredRow) throws(StoreError) -> Row) throws(StoreError) -> [Row] {
        var found: [Row] = []
        for row in rows[index] { found.append(try read(row)) }
        return found
    }

    /// The one number of an answer.
    func number(of index: Int) throws(StoreError) -> Int64 {
        guard rows[index].count == 1 else { throw .corrupt }
        return try rows[index][0].integer(0)
    }

    var day: Day { Day(number: now / 86_400) }
}
