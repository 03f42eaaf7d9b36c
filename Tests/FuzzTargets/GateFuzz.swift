import Decision
import Gate
import MCP
import Policy
import StrictJSON

/// Lines of one side, as a gate steps through them in the middle of a session.
enum GateFuzz {
    private static let rules = try? LayeredRules(
        policy: ToolsClause(rules: [
            Rule(id: "ok", tools: ["ok", "get_*"].compactMap(ToolPattern.init), effect: .allow),
            Rule(id: "never", tools: ["never"].compactMap(ToolPattern.init), effect: .deny),
        ]))

    /// Of both eras, and the one that has batches.
    private static let versions: [ProtocolVersion] = [.march2025, .november2025, .july2026]

    private static let modernMeta =
        #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#

    static func run(_ bytes: [UInt8], from side: Side) throws(Contradiction) {
        for version in versions { try run(bytes, from: side, version) }
    }

    private static func run(_ bytes: [UInt8], from side: Side, _ version: ProtocolVersion) throws(Contradiction) {
        guard let rules else { throw Contradiction("the rules do not compile") }
        var state = GateState(rules: rules, facts: GateFacts(server: "fuzz", policyDigest: "0", isQuiet: true), commitmentKey: [1])
        for (side, line) in beginning(version) {
            var turn = GateTurn()
            state.step(side, line: Array(line.utf8).span, now: 1, into: &turn)
        }
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            try step(&state, side, Array(line))
        }
        var turn = GateTurn()
        state.step(.ended(.server), now: 3, into: &turn)
        try check(turn)
        let isEmpty = state.pendingCount == 0
        try Contradiction.unless(isEmpty && turn.isLast, "somebody waits for a server that has ended")
    }

    /// A session in which each side has asked something that is pending.
    private static func beginning(_ version: ProtocolVersion) -> [(Side, String)] {
        let asked: [(Side, String)] =
            [
                (.client, #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok",\#(meta(version, token: "t"))}}"#),
                (.client, #"{"jsonrpc":"2.0","id":"a","method":"tools/list","params":{\#(meta(version, token: "u"))}}"#),
            ]
            + task(version)
        guard version.era == .legacy else { return asked }
        return [
            (.client, #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#),
            (.server, #"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"\#(version.rawValue)"}}"#),
        ] + asked + [(.server, #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)]
    }

    /// Each token is one request's.
    private static func meta(_ version: ProtocolVersion, token: String) -> String {
        version.era == .modern ? modernMeta : #""_meta":{"progressToken":"\#(token)"}"#
    }

    /// A call that became a task, where there are such.
    private static func task(_ version: ProtocolVersion) -> [(Side, String)] {
        guard version >= .november2025 else { return [] }
        let isModern = version.era == .modern
        let state = #""taskId":"t","status":"working","createdAt":"","lastUpdatedAt":"","\#(isModern ? "ttlMs" : "ttl")":1"#
        let result = isModern ? #"{"resultType":"task",\#(state)}"# : #"{"task":{\#(state)}}"#
        let method = isModern ? "tasks/get" : "tasks/result"
        let wish = isModern ? "" : #""task":{},"#
        return [
            (.client, #"{"jsonrpc":"2.0","id":"t","method":"tools/call","params":{"name":"ok",\#(wish)\#(meta(version, token: "v"))}}"#),
            (.server, #"{"jsonrpc":"2.0","id":"t","result":\#(result)}"#),
            (.client, #"{"jsonrpc":"2.0","id":2,"method":"\#(method)","params":{"taskId":"t",\#(meta(version, token: "w"))}}"#),
        ]
    }

    private static func step(_ state: inout GateState, _ side: Side, _ line: [UInt8]) throws(Contradiction) {
        var turn = GateTurn()
        state.step(side, line: line.span, now: 2, into: &turn)
        state.finish(&turn)
        state.release(&turn)
        try check(turn)
        let isSilent = turn.toClient.isEmpty && turn.toServer.isEmpty && turn.records.isEmpty
        try Contradiction.unless(!isSilent || isPart(line), "an input of which nothing is seen")
    }

    /// What may be kept until later: an answer to a part of a batch.
    private static func isPart(_ line: [UInt8]) -> Bool {
        guard let json = try? JSON(parsing: line) else { return false }
        return (json.array ?? [json]).allSatisfy { $0["method"] == nil && $0["id"] != nil }
    }

    /// Whatever leaves the gate is whole, written anew, and calls nothing that is denied.
    static func check(_ turn: GateTurn, mayCall: Set<String> = ["ok"]) throws(Contradiction) {
        for output in [turn.toClient, turn.toServer] {
            try Contradiction.unless(output.isEmpty || output.last == UInt8(ascii: "\n"), "half a line leaves the gate")
            for line in output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
                try check(Array(line), mayCall)
            }
        }
        for record in turn.records {
            let json = try? JSON(parsing: Array(turn.recordBytes[record.range]))
            try Contradiction.unless(
                json.flatMap { try? $0.canonical() } == Array(turn.recordBytes[record.range]), "a record that is not canonical")
        }
    }

    private static func check(_ line: [UInt8], _ mayCall: Set<String>) throws(Contradiction) {
        guard let json = try? JSON(parsing: line, whitespace: .spacesOnly) else { throw Contradiction("what leaves the gate is no JSON") }
        try Contradiction.unless(json.encoded() == line, "what leaves the gate is not written anew")
        for member in json.array ?? [json] {
            var tape = JSONTape(seed: 4)
            let isMessage =
                (try? tape.parse(member["id"] == JSON.null ? withoutID(member) : member.encoded())) != nil && (try? Message(tape)) != nil
            try Contradiction.unless(isMessage, "what leaves the gate is no message")
            let isCall = member["method"] == "tools/call"
            let name = member["params"]?["name"]?.string ?? ""
            try Contradiction.unless(!isCall || mayCall.contains(name) || name.hasPrefix("get_"), "a denied tool is called")
        }
    }

    /// An error under `id: null` is one without an id.
    private static func withoutID(_ json: JSON) -> [UInt8] {
        var members = JSONObject()
        for (name, value) in json.object?.members ?? [] where name != "id" { members[name] = value }
        return JSON.object(members).encoded()
    }
}
