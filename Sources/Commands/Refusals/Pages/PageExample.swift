import Policy
import PolicyText

/// How a code is come by. The refusal beneath it is not written down but made when the page is printed, by the parser and compiler that refuse policies.
struct PageExample: Sendable {
    enum Cause: Sendable {
        /// A policy, its includes, and the host it is compiled for.
        case policy(String, includes: [String: String], on: ExampleWorld)
        /// A command line, where no policy's text is to blame.
        case command(String, Reason)
        /// What the gate is sent, and what it answers.
        case message(String, answer: String)
    }

    let cause: Cause

    static func policy(_ text: String, includes: [String: String] = [:], on world: ExampleWorld = ExampleWorld()) -> PageExample {
        PageExample(cause: .policy(text + "\n", includes: includes.mapValues { $0 + "\n" }, on: world))
    }

    static func command(_ line: String, _ code: ReasonCode, _ facts: [String: String]) -> PageExample {
        PageExample(cause: .command(line, Reason(code, facts)))
    }

    static func message(_ line: String, answer: String) -> PageExample { PageExample(cause: .message(line, answer: answer)) }

    /// The name that the example's policy goes by.
    static let document = "notes.yaml"

    /// What the cause is refused for.
    var reasons: [Reason] {
        switch cause {
        case .policy(let text, let includes, let world): world.reasons(text, includes)
        case .command(_, let reason): [reason]
        case .message: []
        }
    }

    /// The refusal for one code, as a terminal shows it without colours.
    func refusal(_ code: String) -> String {
        let source = { (name: String) -> [UInt8]? in
            guard case .policy(let text, let includes, _) = cause else { return nil }
            return Array((name == Self.document ? text : includes[name] ?? "").utf8)
        }
        return RefusalText(source: source, style: .plain).text(reasons.filter { $0.code.rawValue == code })
    }
}
