import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import TestSupport
import Testing

/// All orders of what may happen to messages of the server that wait for a person.
@Suite struct MessageHoldOrderTests {
    @Test(
        "in whatever order things happen, a message is passed on at most once, when all of it was granted, and else answered once",
        arguments: 1...60)
    func orders(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let gate = try MessageHoldTests.gate(callerDecides: Bool.random(using: &random))
        var world = MessageHoldWorld()
        for _ in 0..<800 { world.step(gate, &random) }
        world.check(seed)
    }
}

/// What a test believes of what the server asked; the truth is what each side got. A question is told from others by its `maxTokens`.
private struct MessageHoldWorld {
    private var next = 1
    /// Questions by the number of their request to the daemon, and by the form about them.
    private var open: [Int64: Int] = [:]
    private var forms: [String: Int] = [:]
    private var granted: Set<Int> = []
    /// The questions of each message, by the id that it has on its side.
    private var requests: [Int: [Int]] = [:]
    private var calls: [Int: [Int]] = [:]
    private var passed: [Int: Int] = [:]
    private var told: [Int: Int] = [:]
    private var taken: Set<Int> = []

    mutating func step(_ gate: Conversation, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<14, using: &random) {
        case 0, 1, 2: request(gate, &random)
        case 3, 4: call(gate, &random)
        case 5: answer(gate, &random) { .held(approval: "a\($0)") }
        case 6, 7, 8: answer(gate, &random, isGrant: true) { .granted(approval: "a\($0)", by: "x") }
        case 9:
            answer(gate, &random) { $0.isMultiple(of: 2) ? .denied(approval: "a\($0)", by: "x", why: nil) : .expired(approval: "a\($0)") }
        case 10: cancel(gate, &random)
        case 11: reply(gate, &random)
        case 12: note(gate.step(.due, later: UInt64.random(in: 0..<6_000_000_000, using: &random)))
        default:
            guard Int.random(in: 0..<4, using: &random) == 0 else { return }
            note(gate.step(Bool.random(using: &random) ? .daemonLost : .daemon(.adopted)))
        }
    }

    private mutating func fresh() -> Int {
        next += 1
        return next
    }

    private static func params(_ question: Int) -> String { #""messages":[],"maxTokens":\#(question)"# }

    private mutating func play(_ gate: Conversation, _ side: Side, _ line: String, _ random: inout SeededGenerator) {
        guard Int.random(in: 0..<10, using: &random) == 0 else { return note(gate.step(side, Array(line.utf8))) }
        let lost = gate.unrecorded(side, line)
        gate.recordsAgain(lastNumber: 7)
        note(lost)
    }

    private mutating func request(_ gate: Conversation, _ random: inout SeededGenerator) {
        let question = fresh()
        requests[question] = [question]
        play(gate, .server, Conversation.request("\(question)", "sampling/createMessage", Self.params(question)), &random)
    }

    private mutating func call(_ gate: Conversation, _ random: inout SeededGenerator) {
        let id = fresh()
        let questions = (0..<Int.random(in: 1...2, using: &random)).map { _ in fresh() }
        calls[id] = questions
        gate.client(Conversation.request("\(id)", "tools/call", #""name":"get_a""#, era: .modern, capabilities: MessageHoldTests.able))
        let list = questions.map { #""q\#($0)":{"method":"sampling/createMessage","params":{\#(Self.params($0))}}"# }.joined(separator: ",")
        play(gate, .server, Conversation.result("\(id)", #"{"resultType":"input_required","inputRequests":{\#(list)}}"#), &random)
    }

    private mutating func answer(
        _ gate: Conversation, _ random: inout SeededGenerator, isGrant: Bool = false, _ make: (Int) -> DaemonAnswer
    ) {
        guard let (number, question) = open.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        if isGrant { granted.insert(question) }
        note(gate.daemon(number, make(question)))
    }

    private mutating func cancel(_ gate: Conversation, _ random: inout SeededGenerator) {
        let isCall = Bool.random(using: &random)
        guard let id = (isCall ? calls : requests).keys.sorted().randomElement(using: &random), passed[id] == nil else { return }
        taken.insert(id)
        let line = Conversation.notification("notifications/cancelled", #""requestId":\#(id)"#)
        note(isCall ? gate.client(line) : gate.server(line))
    }

    private mutating func reply(_ gate: Conversation, _ random: inout SeededGenerator) {
        guard let (form, question) = forms.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        let isYes = Bool.random(using: &random)
        if isYes { granted.insert(question) }
        let result = isYes ? #"{"action":"accept","content":{"approve":true}}"# : #"{"action":"cancel"}"#
        note(gate.client(Conversation.result("\"\(form)\"", result)))
    }

    private mutating func note(_ outcome: Conversation.Outcome) {
        for message in outcome.toDaemon {
            guard case .request(let number, .hold(let call)) = message,
                let question = (try? JSON(parsing: Array(call.arguments.utf8)))?["maxTokens"]?.int64
            else { continue }
            open[number] = Int(question)
        }
        for line in outcome.toClient { noteClient(line) }
        for line in outcome.toServer {
            guard let json = try? JSON(parsing: Array(line.utf8)), json["error"] != nil, let id = json["id"]?.int64 else { continue }
            told[Int(id), default: 0] += 1
        }
    }

    private mutating func noteClient(_ line: String) {
        guard let json = try? JSON(parsing: Array(line.utf8)) else { return }
        if json["method"] == "elicitation/create", let form = json["id"]?.string, let text = json["params"]?["message"]?.string {
            let shown = text.split(separator: "\n").first { $0.hasPrefix("Parameters: ") }?.dropFirst(12)
            forms[form] = shown.flatMap { (try? JSON(parsing: Array($0.utf8)))?["maxTokens"]?.int64 }.map { Int($0) }
        } else if json["method"] == "sampling/createMessage", let id = json["id"]?.int64 {
            pass(Int(id), requests)
        } else if json["result"]?["resultType"] == "input_required", let id = json["id"]?.int64 {
            pass(Int(id), calls)
        } else if json["result"] != nil || json["error"] != nil, let id = json["id"]?.int64 {
            told[Int(id), default: 0] += 1
        }
    }

    private mutating func pass(_ id: Int, _ messages: [Int: [Int]]) {
        let questions = messages[id] ?? []
        #expect(!questions.isEmpty && granted.isSuperset(of: questions), "\(id) was passed on without a grant")
        #expect(!taken.contains(id), "\(id) was passed on after it was cancelled")
        passed[id, default: 0] += 1
    }

    func check(_ seed: Int) {
        #expect(passed.values.allSatisfy { $0 == 1 }, "seed \(seed): passed on \(passed)")
        #expect(told.values.allSatisfy { $0 == 1 }, "seed \(seed): told \(told)")
        for id in passed.keys { #expect(told[id] == nil, "seed \(seed): \(id) was passed on and refused") }
        #expect(requests.keys.contains { passed[$0] != nil } && calls.keys.contains { passed[$0] != nil }, "seed \(seed)")
    }
}
