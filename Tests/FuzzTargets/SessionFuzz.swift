import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// A session from its first byte to its end: both streams, cut wherever they are cut, through the framers into the gate, and what a daemon
/// says meanwhile.
///
/// The input is pieces with a zero byte between them. The first byte of a piece says whose it is, and the rest goes to that stream; or it says
/// what happens besides.
struct SessionFuzz: ~Copyable {
    private var state: GateState
    private var streams = Streams()
    private var now: UInt64 = 1
    /// Requests to the daemon about calls that are held, and not answered.
    private var held: [Int64] = []
    /// By the daemon, or in the client's window.
    private var granted = 0
    /// Calls that were made of the tool that asks.
    private var made = 0

    private struct Streams: ~Copyable {
        var client = LineFramer(cap: 2_048)
        var server = LineFramer(cap: 2_048)
    }

    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        var session = try SessionFuzz()
        for piece in bytes.split(separator: 0) { try session.take(piece) }
        try session.end()
    }

    private static let place = SourceLocation(file: "fuzz", line: 1, column: 1)

    private static let rules = try? LayeredRules(
        policy: ToolsClause(rules: [
            Rule(id: "ok", tools: ["ok", "get_*"].compactMap(ToolPattern.init), effect: .allow),
            Rule(id: "ask", tools: ["ask"].compactMap(ToolPattern.init), effect: .ask),
            Rule(id: "never", tools: ["never"].compactMap(ToolPattern.init), effect: .deny),
        ]))

    private init() throws(Contradiction) {
        guard let rules = Self.rules else { throw Contradiction("the rules do not compile") }
        let all = Located(PatternGrant.patterns(["*"].compactMap { ToolPattern($0) }), at: Self.place)
        let allow = Located(Effect.allow, at: Self.place)
        let messages = MessagesClause(resources: all, prompts: all, sampling: allow, elicitation: allow, roots: allow)
        state = GateState(
            rules: rules, messages: MessageRules(policy: messages),
            facts: GateFacts(server: "fuzz", policyDigest: "0", isQuiet: true, callerDecides: true), commitmentKey: [1])
    }

    private mutating func take(_ piece: ArraySlice<UInt8>) throws(Contradiction) {
        guard let kind = piece.first else { return }
        now += 1_000_000
        switch kind {
        case UInt8(ascii: "g"): try answer { .granted(approval: "a", by: "b") }
        case UInt8(ascii: "h"): try answer { .held(approval: "a") }
        case UInt8(ascii: "d"): try step(.daemon(.adopted))
        case UInt8(ascii: "t"):
            now += 60_000_000_000
            try step(.due)
        case _ where kind & 1 == 1: try feed(.client, piece.dropFirst())
        default: try feed(.server, piece.dropFirst())
        }
    }

    private mutating func answer(_ answer: () -> DaemonAnswer) throws(Contradiction) {
        guard let number = held.first else { return }
        let answer = answer()
        if answer.isLast {
            held.removeFirst()
            granted += 1
        }
        try step(.daemon(DaemonMessage(number: number, answer)))
    }

    private mutating func feed(_ side: Side, _ bytes: ArraySlice<UInt8>) throws(Contradiction) {
        var rest = bytes
        while !rest.isEmpty {
            let count = fill(side, rest)
            rest = rest.dropFirst(count)
            while let piece = next(side) {
                switch piece {
                case .line(let range): try step(side, line(side, range))
                case .tooLong(let range): try step(.tooLong(side, line(side, range)))
                }
            }
        }
    }

    private mutating func fill(_ side: Side, _ bytes: ArraySlice<UInt8>) -> Int {
        func copy(_ room: UnsafeMutableRawBufferPointer) -> Int {
            let count = min(room.count, bytes.count)
            room.copyBytes(from: bytes.prefix(count))
            return count
        }
        return side == .client ? streams.client.fill(copy) : streams.server.fill(copy)
    }

    private mutating func next(_ side: Side) -> LineFramer.Piece? { side == .client ? streams.client.next() : streams.server.next() }

    private func line(_ side: Side, _ range: Range<Int>) -> [UInt8] {
        func array(_ span: Span<UInt8>) -> [UInt8] { span.withUnsafeBufferPointer { Array($0) } }
        return side == .client ? streams.client.withBytes(range, array) : streams.server.withBytes(range, array)
    }

    private mutating func step(_ side: Side, _ line: [UInt8]) throws(Contradiction) {
        var turn = GateTurn()
        state.step(side, line: line.span, now: now, into: &turn)
        try settle(&turn)
    }

    private mutating func step(_ event: GateEvent) throws(Contradiction) {
        var turn = GateTurn()
        state.step(event, now: now, into: &turn)
        try settle(&turn)
    }

    private mutating func settle(_ turn: inout GateTurn) throws(Contradiction) {
        state.finish(&turn)
        state.release(&turn)
        for message in turn.toDaemon {
            switch message {
            case .request(let number, .hold): held.append(number)
            case .withdraw(let number), .detach(let number): held.removeAll { $0 == number }
            case .accepted(let number):
                held.removeAll { $0 == number }
                granted += 1
            case .resumed: held.removeAll()
            case .request, .ready, .failed, .ahead, .presence, .tightened: break
            }
        }
        try GateFuzz.check(turn, mayCall: ["ok", "ask"])
        made += turn.toServer.split(separator: UInt8(ascii: "\n")).count { line in
            let json = try? JSON(parsing: Array(line))
            return (json?.array ?? json.map { [$0] } ?? []).contains { $0["method"] == "tools/call" && $0["params"]?["name"] == "ask" }
        }
    }

    private mutating func end() throws(Contradiction) {
        for side in Side.allCases {
            let rest = side == .client ? streams.client.unfinished() : streams.server.unfinished()
            if !rest.isEmpty { try step(.unterminated(side, rest)) }
        }
        var turn = GateTurn()
        state.step(.ended(.server), now: now, into: &turn)
        let isLast = turn.isLast
        try settle(&turn)
        let isEmpty = state.pendingCount == 0
        try Contradiction.unless(isEmpty && isLast, "somebody waits for a server that has ended")
        let isGranted = made <= granted
        try Contradiction.unless(isGranted, "a call runs that nobody granted")
    }
}
