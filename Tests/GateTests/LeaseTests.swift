import Decision
import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

/// Calls that take of budgets which are not the session's alone.
@Suite struct LeaseTests {
    private static func charged(_ id: String = "pay", _ budget: String = "money", of pointer: String = "/n", limit: String = "10") -> Rule {
        var rule = Rule(id: id, tools: Conversation.patterns("pay"), effect: .allow)
        rule.budget = Budget(name: budget, of: JSONPointer(pointer)!, limit: JSONText(json: Array(limit.utf8)), per: .day)
        return rule
    }

    private static func conversation(_ rules: [Rule] = [charged()]) throws -> Conversation {
        let free = Rule(id: "look", tools: Conversation.patterns("get_*"), effect: .allow)
        let conversation = try Conversation(rules + [free])
        conversation.initialize()
        return conversation
    }

    private static func pay(_ id: String, _ arguments: String = #"{"n":4}"#) -> String { Conversation.call(id, "pay", arguments) }

    /// The request that a turn has for the daemon.
    private static func asked(_ conversation: Conversation) throws -> (number: Int64, lease: BudgetLease) {
        let messages = conversation.turn.toDaemon
        guard messages.count == 1, case .request(let number, .lease(let lease)) = messages[0] else {
            throw IssueFound("\(messages)")
        }
        return (number, lease)
    }

    private struct IssueFound: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private static func code(_ outcome: Conversation.Outcome) throws -> String {
        let text = try #require(try outcome.answer()["result"]?["content"]?.array?.first?["text"]?.string)
        return String(text.dropFirst("Blocked by sandboxd (".count).prefix(4))
    }

    @Test("a call waits for its lease, neither forwarded nor answered, and others pass")
    func waits() throws {
        let conversation = try Self.conversation()
        let waiting = conversation.client(Self.pay("1"))
        #expect(waiting.toServer.isEmpty && waiting.toClient.isEmpty && waiting.records.isEmpty)
        let (number, lease) = try Self.asked(conversation)
        #expect(lease == BudgetLease(id: 1, settled: 0, [.init(budget: "money", amount: "4")]))
        #expect(conversation.client(Conversation.call("2", "get_a")).toServer.count == 1)
        let forwarded = conversation.step(.daemon(DaemonMessage(number: number, .leased)))
        #expect(forwarded.toServer == [Self.pay("1")])
        #expect(forwarded.records.first?["decision"] == "forward")
        let result = #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#
        #expect(conversation.server(result).toClient == [result])
    }

    @Test("less is left: the call is blocked as by any spent budget")
    func exhausted() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        let outcome = conversation.step(.daemon(DaemonMessage(number: number, .exhausted(charge: 0))))
        #expect(outcome.toServer.isEmpty && outcome.blocked == "D107")
        #expect(try Self.code(outcome) == "D107")
    }

    @Test(
        "an amount that is none, or more than a whole day's, is not asked for",
        arguments: [#"{"n":"4"}"#, #"{"n":-1}"#, "{}", #"{"n":10.1}"#])
    func badAmounts(_ arguments: String) throws {
        let conversation = try Self.conversation()
        let outcome = conversation.client(Self.pay("1", arguments))
        #expect(conversation.turn.toDaemon.isEmpty && outcome.toServer.isEmpty)
        #expect(outcome.blocked == (arguments.contains("10.1") ? "D107" : "D108"))
    }

    @Test("a call is charged once for each budget, with the sum of what its rules name")
    func sums() throws {
        let conversation = try Self.conversation([
            Self.charged(), Self.charged("fee", of: "/fee"), Self.charged("weight", "kilos", of: "/kg", limit: "5"),
        ])
        conversation.client(Self.pay("1", #"{"n":4,"fee":0.25,"kg":5}"#))
        #expect(
            try Self.asked(conversation).lease
                == BudgetLease(id: 1, settled: 0, [.init(budget: "money", amount: "4.25"), .init(budget: "kilos", amount: "5")]))
    }

    @Test("no answer in 10 s: blocked, and taken back; the session lives on")
    func absent() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        #expect(conversation.step(.due, later: 9_900_000_000).toClient.isEmpty)
        let outcome = conversation.step(.due, later: 200_000_000)
        #expect(try Self.code(outcome) == "D304")
        #expect(conversation.turn.toDaemon == [.withdraw(number: number)])
        #expect(conversation.step(.daemon(DaemonMessage(number: number, .leased))).toServer.isEmpty)
        #expect(conversation.client(Conversation.call("2", "get_a")).toServer.count == 1)
    }

    @Test("a store that cannot be used blocks the call")
    func unusable() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        #expect(try Self.code(conversation.step(.daemon(DaemonMessage(number: number, .failed("full"))))) == "D305")
    }

    @Test("a call that is cancelled while it waits is withdrawn, recorded, and never runs")
    func cancelled() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        let outcome = conversation.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#)
        #expect(outcome.toServer.isEmpty && outcome.toClient.isEmpty && outcome.blocked == "D306")
        #expect(conversation.turn.toDaemon == [.withdraw(number: number)])
        #expect(conversation.step(.daemon(DaemonMessage(number: number, .leased))).toServer.isEmpty)
        #expect(conversation.client(Self.pay("1")).toClient.isEmpty)
    }

    @Test("an id is in use while its call waits")
    func idInUse() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        #expect(conversation.client(Conversation.call("1", "get_a")).blocked == "D208")
    }

    @Test("a limit of the session that is reached meanwhile blocks the call, and what was reserved is given back")
    func spentMeanwhile() throws {
        var rule = Self.charged()
        rule.limit = CallLimit(calls: 1, per: .session)
        let conversation = try Self.conversation([rule])
        conversation.client(Self.pay("1"))
        let first = try Self.asked(conversation).number
        conversation.client(Self.pay("2"))
        let second = try Self.asked(conversation).number
        #expect(conversation.step(.daemon(DaemonMessage(number: second, .leased))).toServer == [Self.pay("2")])
        let outcome = conversation.step(.daemon(DaemonMessage(number: first, .leased)))
        #expect(outcome.toServer.isEmpty && outcome.blocked == "D106")
        #expect(conversation.turn.toDaemon == [.withdraw(number: first)])
    }

    @Test("the server ends while a call waits: its client is told, and nothing is taken")
    func serverEnds() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        let outcome = conversation.step(.ended(.server))
        #expect(outcome.isLast && outcome.toClient.count == 1)
        #expect(conversation.turn.toDaemon == [.withdraw(number: number)])
    }

    @Test("a client that writes no more has its call made before the server's input ends")
    func clientEnds() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let number = try Self.asked(conversation).number
        #expect(!conversation.step(.ended(.client)).closesServerInput)
        let outcome = conversation.step(.daemon(DaemonMessage(number: number, .leased)))
        #expect(outcome.toServer == [Self.pay("1")] && outcome.closesServerInput)
    }

    @Test("another daemon is asked again under a new number, and only its answer counts")
    func adopted() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let (number, lease) = try Self.asked(conversation)
        _ = conversation.step(.daemon(.adopted))
        let messages = conversation.turn.toDaemon
        guard messages.count == 2, messages[0] == .resumed, case .request(let again, .lease(lease)) = messages[1] else {
            throw IssueFound("\(messages)")
        }
        #expect(again > number)
        #expect(conversation.step(.daemon(DaemonMessage(number: number, .leased))).toServer.isEmpty)
        #expect(conversation.step(.daemon(DaemonMessage(number: again, .leased))).toServer == [Self.pay("1")])
    }

    @Test("each lease has a number of its own, also behind another daemon, and says which of the earlier ones are settled")
    func numbers() throws {
        let conversation = try Self.conversation()
        conversation.client(Self.pay("1"))
        let first = try Self.asked(conversation)
        conversation.client(Self.pay("2"))
        let second = try Self.asked(conversation)
        #expect(second.lease.id > first.lease.id && second.lease.settled < first.lease.id)
        _ = conversation.step(.daemon(.adopted))
        conversation.client(Self.pay("3"))
        let third = try Self.asked(conversation)
        #expect(third.lease.id > second.lease.id + 1 && third.lease.settled < first.lease.id)
        _ = conversation.step(.daemon(DaemonMessage(number: second.number + 1, .leased)))
        conversation.client(Self.pay("4"))
        let fourth = try Self.asked(conversation)
        #expect(fourth.lease.settled >= first.lease.id && fourth.lease.settled < second.lease.id)
    }

    @Test("a layer's budget is charged as the layer's")
    func layers() throws {
        let layer = LayeredRules.Layer(name: "finance", tools: ToolsClause(rules: [Self.charged(limit: "5")]))
        let conversation = try Conversation([Rule(id: "any", tools: Conversation.patterns("pay"), effect: .allow)], layers: [layer])
        conversation.initialize()
        conversation.client(Self.pay("1"))
        #expect(
            try Self.asked(conversation).lease == BudgetLease(id: 1, settled: 0, [.init(budget: "money", layer: "finance", amount: "4")]))
    }

    @Test("masked values stay masked behind a wait")
    func masked() throws {
        var rule = Self.charged()
        rule.redact = [try #require(JSONPointer("/card"))]
        let conversation = try Self.conversation([rule])
        conversation.client(Self.pay("1", #"{"n":4,"card":"4111"}"#))
        let number = try Self.asked(conversation).number
        let line = try #require(conversation.step(.daemon(DaemonMessage(number: number, .leased))).toServer.first)
        #expect(line.contains("[redacted]") && !line.contains("4111"))
    }
}
