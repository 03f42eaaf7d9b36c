/// How far each session's two numberings have come. Names are identifiers of ASCII, so that `String` keys are compared as bytes.
struct SessionTable {
    struct Counts: Hashable {
        var receipts: UInt64 = 0
        var spool: UInt64 = 0
    }

    private var counts: [String: Counts] = [:]

    var count: Int { counts.count }

    subscript(_ session: String) -> Counts { counts[session] ?? Counts() }

    mutating func set(_ session: String, _ own: Counts) {
        counts[session] = own
    }

    /// Takes over what a line states, and says what does not follow.
    mutating func follow(_ place: SessionPlace) -> [Finding.Problem] {
        let own = self[place.session]
        var problems: [Finding.Problem] = []
        if place.number != own.receipts + 1 {
            problems.append(.sessionNumber(session: place.session, expected: own.receipts + 1, found: place.number))
        }
        if let found = place.spoolNumber, found != own.spool + 1 {
            problems.append(.spoolNumber(session: place.session, expected: own.spool + 1, found: found))
        }
        counts[place.session] = Counts(receipts: place.number, spool: place.spoolNumber ?? own.spool)
        return problems
    }
}
