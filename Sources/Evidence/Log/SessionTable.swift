/// How far each session's two numberings have come. Names are identifiers of ASCII, so that `String` keys are compared as bytes.
struct SessionTable {
    struct Counts: Hashable {
        var receipts: UInt64 = 0
        var spool: UInt64 = 0
        /// How long its receipts are kept; nil while no receipt says so.
        var keep: Keep?
        /// Up to here retention removed what the gate stated, and what was kept of it: it does not come back.
        var goneSpool: UInt64 = 0
        /// No more comes of it.
        var isClosed = false

        /// Retention does not ask for it.
        fileprivate var isKeptForever: Bool { keep == nil || keep == .forever }
    }

    private var indices: [String: Int] = [:]
    private var counts: [Counts] = []
    private var names: [String] = []
    private(set) var openCount = 0
    /// The session asked for last: receipts of one session mostly come in runs.
    private var recent: (name: String, index: Int)?

    var count: Int { counts.count }

    /// Those of which something is known.
    var known: [String: Counts] { indices.mapValues { counts[$0] }.filter { $0.value != Counts() } }

    subscript(_ session: String) -> Counts { indices[session].map { counts[$0] } ?? Counts() }

    mutating func set(_ session: String, _ own: Counts) {
        let index = index(of: session)
        openCount += (own.isClosed ? 0 : 1) - (counts[index].isClosed ? 0 : 1)
        counts[index] = own
    }

    /// Takes over what a line states, and says what does not follow.
    mutating func follow(_ place: SessionPlace) -> [Finding.Problem] {
        let index = index(of: place.session)
        let own = counts[index]
        var problems: [Finding.Problem] = []
        if own.isClosed { problems.append(.closedSession(place.session)) }
        if place.number != own.receipts &+ 1 {
            problems.append(.sessionNumber(session: place.session, expected: own.receipts &+ 1, found: place.number))
        }
        if let found = place.spoolNumber, found != own.spool &+ 1 {
            problems.append(.spoolNumber(session: place.session, expected: own.spool &+ 1, found: found))
        }
        counts[index].receipts = place.number
        counts[index].spool = place.spoolNumber ?? own.spool
        return problems
    }

    /// A receipt says how long the session's receipts are kept.
    mutating func set(_ keep: Keep, of session: String) {
        counts[index(of: session)].keep = keep
    }

    /// Passes over what was removed of a session.
    mutating func pass(_ removed: RemovedSegment.Session) {
        let index = index(of: removed.name)
        // Whoever forged these numbers is found by what follows, and stops nobody from looking.
        counts[index].receipts &+= removed.receipts
        counts[index].spool &+= removed.spool
        counts[index].keep = removed.keep
        if removed.spool > 0 { counts[index].goneSpool = counts[index].spool }
    }

    /// Retention removed what the session's gate stated up to this number.
    mutating func drop(upTo number: UInt64, of session: String) {
        let index = index(of: session)
        counts[index].goneSpool = max(counts[index].goneSpool, number)
    }

    // MARK: Sessions that are over

    func isOpen(_ session: String) -> Bool { indices[session].map { !counts[$0].isClosed && counts[$0] != Counts() } ?? false }

    /// What is kept for a time alone, retention has still to ask about.
    var closable: [String] { zip(names, counts).filter { !$1.isClosed && $1.isKeptForever && $1 != Counts() }.map(\.0) }

    mutating func close(_ closed: ClosedSessions) {
        for name in closed.names {
            guard let index = indices[name], !counts[index].isClosed else { continue }
            counts[index].isClosed = true
            openCount -= 1
        }
    }

    /// Another segment begins. Of what somebody closed though it is kept for a time alone that is forgotten, and nothing else.
    mutating func forgetClosed() {
        guard openCount < counts.count else { return }
        recent = nil
        for index in counts.indices.reversed() where counts[index].isClosed {
            if counts[index].isKeptForever {
                remove(index)
            } else {
                counts[index].isClosed = false
                openCount += 1
            }
        }
    }

    /// Nothing of it is left to be known.
    mutating func forget(_ session: String) {
        guard let index = indices[session] else { return }
        recent = nil
        remove(index)
    }

    /// The last one takes its place.
    private mutating func remove(_ index: Int) {
        if !counts[index].isClosed { openCount -= 1 }
        indices[names[index]] = nil
        let last = counts.count - 1
        if index < last {
            counts[index] = counts[last]
            names[index] = names[last]
            indices[names[index]] = index
        }
        counts.removeLast()
        names.removeLast()
    }

    private mutating func index(of session: String) -> Int {
        if let recent, recent.name == session { return recent.index }
        let index = indices[session] ?? add(session)
        recent = (session, index)
        return index
    }

    private mutating func add(_ session: String) -> Int {
        counts.append(Counts())
        names.append(session)
        openCount += 1
        indices[session] = counts.count - 1
        return counts.count - 1
    }
}
