import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// A gate between a client and a server that the test plays.
final class Conversation {
    /// What one input led to.
    struct Outcome {
        /// Lines as written.
        var toServer: [String] = []
        var toClient: [String] = []
        var people = ""
        var records: [JSON] = []
        var isLast = false
        var closesServerInput = false
        /// What the daemon is told.
        var toDaemon: [GateMessage] = []

        /// The number of the one request to the daemon.
        func asked() throws -> Int64 {
            try #require(toDaemon.count == 1)
            guard case .request(let number, .hold) = toDaemon[0] else { throw NotAsked() }
            return number
        }

        struct NotAsked: Error {}

        /// The reason's code in the one record of a block.
        var blocked: String? { records.count == 1 ? records[0]["reason"]?.string : nil }

        /// The codes of what was blocked.
        var reasons: [String] { records.compactMap { $0["reason"]?.string } }

        /// The one answer that the client got.
        func answer() throws -> JSON {
            try #require(toClient.count == 1)
            return try JSON(parsing: Array(toClient[0].utf8))
        }
    }

    private var state: GateState
    private var now: UInt64 = 1_000
    /// Whether the daemon says so when it is asked.
    var daemonIsThere = true
    private(set) var turn = GateTurn()

    init(
        _ rules: [Rule] = Conversation.rules, default fallback: Effect = .deny, layers: [LayeredRules.Layer] = [],
        messages: MessageRules = MessageRules(policy: MessagesClause()), isQuiet: Bool = false, callerDecides: Bool = false,
        keepsArguments: Bool = false, pins: GateStart.Pins = .off, clock: (() -> UInt64)? = nil
    ) throws {
        let set = try LayeredRules(policy: ToolsClause(default: fallback, rules: rules), layers: layers, cwd: "/srv/notes")
        let facts = GateFacts(
            server: "test", policyDigest: "0123", isQuiet: isQuiet, callerDecides: callerDecides, keepsArguments: keepsArguments)
        state = GateState(
            rules: set, messages: messages, facts: facts, commitmentKey: Array("a key of the session's own".utf8), pins: pins, clock: clock)
    }

    /// get_* is allowed, get_secret is denied, send is allowed to `a` only.
    static let rules = [
        Rule(id: "look", tools: patterns("get_*"), effect: .allow),
        Rule(id: "secret", tools: patterns("get_secret"), effect: .deny, reason: "secrets stay here"),
        Rule(
            id: "send", tools: patterns("send"), effect: .allow,
            arguments: JSONText(json: Array(#"{"properties":{"to":{"enum":["a"]}}}"#.utf8))),
        Rule(id: "big", tools: patterns("refund"), effect: .ask),
    ]

    static func patterns(_ texts: String...) -> [ToolPattern] { texts.compactMap(ToolPattern.init) }

    @discardableResult
    func client(_ line: String) -> Outcome { step(.client, Array(line.utf8)) }

    @discardableResult
    func server(_ line: String) -> Outcome { step(.server, Array(line.utf8)) }

    func step(_ side: Side, _ line: [UInt8]) -> Outcome {
        turn.clear()
        now += 1_000
        state.step(side, line: line.span, now: now, into: &turn)
        return settle()
    }

    func step(_ event: GateEvent) -> Outcome {
        turn.clear()
        state.step(event, now: now, into: &turn)
        return settle()
    }

    /// What a server caused, `later` nanoseconds after the last input.
    func step(_ event: GateEvent, later: UInt64) -> Outcome {
        now += later
        return step(event)
    }

    var time: UInt64 { now }

    var nextDue: UInt64? { state.nextDue }

    /// What the daemon answers.
    func daemon(_ number: Int64, _ answer: DaemonAnswer) -> Outcome { step(.daemon(DaemonMessage(number: number, answer))) }

    /// An event whose records cannot be written.
    func unrecorded(_ event: GateEvent) -> Outcome {
        turn.clear()
        state.step(event, now: now, into: &turn)
        state.finish(&turn)
        state.step(.notRecorded(lastNumber: 7, .evidenceUnavailable), now: now, into: &turn)
        return outcome()
    }

    /// The same line, whose records cannot be written.
    func unrecorded(_ side: Side, _ line: String, lastNumber: UInt64 = 7) -> Outcome {
        turn.clear()
        state.step(side, line: Array(line.utf8).span, now: now, into: &turn)
        state.finish(&turn)
        state.step(.notRecorded(lastNumber: lastNumber, .evidenceUnavailable), now: now, into: &turn)
        state.release(&turn)
        return outcome()
    }

    /// What is recorded then.
    @discardableResult
    func recordsAgain(lastNumber: UInt64) -> [JSON] {
        turn.clear()
        state.recordsAgain(lastNumber: lastNumber, &turn)
        return outcome().records
    }

    /// From here on too much waits for the log.
    func fallBehind() { state.fallBehind() }

    /// Many lines in one turn.
    func together(_ side: Side, _ lines: [String]) -> Outcome {
        turn.clear()
        for line in lines { state.step(side, line: Array(line.utf8).span, now: now, into: &turn) }
        return settle()
    }

    private func settle() -> Outcome {
        state.finish(&turn)
        state.release(&turn)
        var outcome = outcome()
        if daemonIsThere, let asked = outcome.toDaemon.firstIndex(of: .presence) {
            outcome.toDaemon.remove(at: asked)
            turn.clear()
            state.step(.daemon(.present), now: now, into: &turn)
        }
        return outcome
    }

    private func outcome() -> Outcome {
        Outcome(
            toServer: Self.lines(turn.toServer), toClient: Self.lines(turn.toClient), people: String(decoding: turn.people, as: UTF8.self),
            records: turn.records.compactMap { try? JSON(parsing: Array(turn.recordBytes[$0.range])) },
            isLast: turn.isLast, closesServerInput: turn.closesServerInput, toDaemon: turn.toDaemon)
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        #expect(bytes.isEmpty || bytes.last == UInt8(ascii: "\n"))
        return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A legacy handshake that negotiates `version`.
    func initialize(_ version: String = "2025-06-18", capabilities: String = "{}") {
        client(
            #"{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"\#(version)","capabilities":\#(capabilities)}}"#)
        server(#"{"jsonrpc":"2.0","id":"i","result":{"protocolVersion":"\#(version)","capabilities":{}}}"#)
        client(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    }

    /// A call by a client of an era.
    static func call(_ id: String, _ tool: String, _ arguments: String = "{}", era: Era = .legacy) -> String {
        let meta = era == .modern ? #","_meta":\#(modernMeta)"# : ""
        return #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)\#(meta)}}"#
    }

    static let modernMeta =
        #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#
}
