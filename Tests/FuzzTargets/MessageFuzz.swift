import Decision
import MCP
import Policy
import StrictJSON

enum MessageFuzz {
    private static let rules = try? LayeredRules(
        policy: ToolsClause(rules: [
            Rule(id: "all", tools: ["*"].compactMap(ToolPattern.init), effect: .allow),
            Rule(id: "some", tools: ["a*b*c", "get_*"].compactMap(ToolPattern.init), effect: .ask),
            Rule(id: "one", tools: ["rm"].compactMap(ToolPattern.init), effect: .deny),
        ]))

    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        var tape = JSONTape(whitespace: .rfc8259, seed: 1)
        guard (try? tape.parse(bytes)) != nil, let message = try? Message(tape) else { return }
        var again = JSONTape(seed: 2)
        let isParsed = (try? again.parse(tape.encoded())) != nil
        try Contradiction.unless(isParsed && (try? Message(again)) == message, "what is forwarded is another message")
        guard case .request(_, _, let params?) = message else { return }
        _ = try? RequestMeta(params, in: tape)
        guard let name = tape.member("name", of: params).flatMap({ tape.stringBytes($0) }), let rules = Self.rules else { return }
        let judgement = rules.judge(name, arguments: tape.member("arguments", of: params), in: tape)
        let isRemoval = name.elementsEqual("rm".utf8)
        try Contradiction.unless(judgement.effect == .deny || !isRemoval, "a denied tool is forwarded")
    }
}
