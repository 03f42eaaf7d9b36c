/// How far each session's numbers go in a bundle, and whether any is missing.
struct BundleSessions {
    private struct State {
        var last: UInt64 = 0
        var spool: UInt64 = 0
        /// From its first receipt on none is missing.
        var isWhole = true
        /// It has a receipt of its end: its exit, or that it was refused.
        var hasEnd = false
        /// A receipt says which server it ran.
        var isNamed = false
    }

    private var indices: [String: Int] = [:]
    private var states: [State] = []

    var count: Int { states.count }

    /// Takes over what a line states, and says what cannot follow. Where a filter by time or retention leaves receipts out, numbers may be missing; they still ascend.
    mutating func follow(_ place: SessionPlace, _ kind: ReceiptKind, mayMiss: Bool) -> [Finding.Problem] {
        let index = index(of: place.session)
        var state = states[index]
        var problems: [Finding.Problem] = []
        if place.number != state.last + 1 {
            if !mayMiss || place.number <= state.last {
                problems.append(.sessionNumber(session: place.session, expected: state.last + 1, found: place.number))
            }
            state.isWhole = false
        }
        if let spool = place.spoolNumber {
            let follows = state.isWhole ? spool == state.spool + 1 : spool > state.spool
            if !follows { problems.append(.spoolNumber(session: place.session, expected: state.spool + 1, found: spool)) }
            state.spool = spool
        }
        state.last = max(state.last, place.number)
        if kind == .exit || kind == .refusal { state.hasEnd = true }
        states[index] = state
        return problems
    }

    mutating func name(_ session: String) { states[index(of: session)].isNamed = true }

    var areAllNamed: Bool { states.allSatisfy(\.isNamed) }

    var claims: BundleClaims.Sessions {
        BundleClaims.Sessions(
            ended: states.count { $0.isWhole && $0.hasEnd }, open: states.count { $0.isWhole && !$0.hasEnd },
            withGaps: states.count { !$0.isWhole })
    }

    private mutating func index(of session: String) -> Int {
        if let index = indices[session] { return index }
        states.append(State())
        indices[session] = states.count - 1
        return states.count - 1
    }
}
