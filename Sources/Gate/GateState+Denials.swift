import Evidence
import MCP
import SessionProtocol
import StrictJSON

/// What the kernel denied: told in receipts before any result is released, in the result of the only call that was in flight, and to people.
///
/// A server must not be able to fill the spool: denials are told at once after a quiet interval, else at its end or with the next answer to
/// the client, equal ones counted together, and beyond a few kinds at a time only their number.
extension GateState {
    /// Between two tellings that no answer asks for.
    static var denialInterval: UInt64 { 1_000_000_000 }
    /// So many kinds have a receipt of their own each time; the rest share one.
    private static var individuallyTold: Int { 8 }

    /// Whether a denial waits to be told; then the ring buffer keeps it.
    public var hasUntoldDenials: Bool { !untold.isEmpty }

    /// When the next are told, whether or not an answer asks for it.
    public var denialsDue: UInt64 { toldAt.map { $0 + Self.denialInterval } ?? 0 }

    mutating func note(_ denials: [KernelDenial], unreadable: Int, _ now: UInt64, _ turn: inout GateTurn) {
        for denial in denials { untold.add(denial, Suspects(fromClient, tasks, at: denial.time)) }
        for _ in 0..<unreadable { untold.addUnreadable() }
        if now >= denialsDue { tellDenials(now, &turn) }
    }

    /// Puts a receipt for each of them into the turn, and their numbers to the calls that they may belong to.
    mutating func tellDenials(_ now: UInt64, _ turn: inout GateTurn) {
        guard !untold.isEmpty, canRecordOutcome else { return }
        toldAt = now
        let all = untold.take()
        turn.told.putBack(all)
        for group in all.groups.prefix(Self.individuallyTold) { tell(group, &turn) }
        tellRest(Array(all.groups.dropFirst(Self.individuallyTold)), &turn)
        if all.unreadable > 0 { record(.denial, ["claim": "observed", "count": JSON(all.unreadable), "unreadable": true], &turn) }
    }

    private mutating func tell(_ group: UntoldDenials.Group, _ turn: inout GateTurn) {
        var body = group.denial.members
        group.suspects.describe(in: &body)
        bind(record(.denial, body, &turn), to: group.suspects, group.denial)
        say("the kernel denied the server: \(group.denial.words)\(group.suspects.words)", &turn)
    }

    private mutating func tellRest(_ rest: [UntoldDenials.Group], _ turn: inout GateTurn) {
        guard !rest.isEmpty else { return }
        let suspects = Suspects(all: rest.map(\.suspects))
        let count = rest.reduce(0) { $0 + $1.denial.count }
        var body: JSONObject = ["claim": "observed", "count": JSON(count), "kinds": JSON(rest.count)]
        suspects.describe(in: &body)
        let number = record(.denial, body, &turn)
        for group in rest { bind(number, to: group.suspects, group.denial) }
        say("the kernel denied the server: \(count) more acts of \(rest.count) kinds", &turn)
    }

    private mutating func bind(_ number: UInt64, to suspects: Suspects, _ denial: CountedDenial) {
        for id in fromClient.filter({ $0.value.decision.map(suspects.calls.contains) == true }).keys {
            fromClient[id]?.denials.add(number, denial, isOwn: suspects.onlyCall != nil)
        }
        tasks.add(number, denial, to: suspects)
    }

    /// The records of a turn are not in the spool: what they told is to be told again.
    mutating func takeBackDenials(_ turn: inout GateTurn, _ lastNumber: UInt64) {
        untold.putBack(turn.told.take())
        for id in Array(fromClient.keys) { fromClient[id]?.denials.remove(after: lastNumber) }
    }
}

extension Suspects {
    /// For a line on stderr.
    fileprivate var words: String {
        if onlyCall != nil { return " (inferred: \(Self.rule))" }
        return calls.isEmpty ? " (no call in flight)" : " (\(calls.count) calls in flight)"
    }
}
