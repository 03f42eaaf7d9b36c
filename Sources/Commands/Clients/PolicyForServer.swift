import ClientConfigs
import ControlProtocol
import Policy
import PolicyText

/// The policy that a server is to be wrapped by, as it is written into a client's file.
struct PolicyForServer {
    /// What `--policy` takes: a name where it is shipped or the host's, else an absolute path, since clients start servers anywhere.
    let argument: String
    /// `INPUT=VALUE` each.
    let inputs: [String]
    let draft: PolicyDraft

    enum Problem: Error {
        case usage(UsageError)
        /// None is shipped for this command.
        case none(command: String)
        case refused(Refusal, PolicyTexts?)
        /// It starts a command of its own.
        case hasCommand(policy: String)
        case undeclared(input: String, policy: String)
        case missing(input: String, policy: String)
    }

    init(_ invocation: Invocation, for words: [String], _ environment: CallerEnvironment) throws(Problem) {
        let given: [String: String]
        do { given = try invocation.assignments("set") } catch { throw .usage(error) }
        let ready = ReadyPolicy.find(words)
        guard let name = invocation.value("policy") ?? ready?.policy else { throw .none(command: words.first ?? "") }
        let texts: PolicyTexts
        do { texts = try PolicyTexts(name, finder: PolicyFinder(environment)) } catch { throw .refused(error, nil) }
        do { draft = try texts.draft() } catch { throw .refused(error, texts) }
        guard draft.command == nil else { throw .hasCommand(policy: name) }
        let path = texts.policy.path
        argument = path.map { PolicyFinder.isPath(name) || !$0.hasPrefix("/etc/sandboxd/policies/") ? $0 : name } ?? name
        var inputs = invocation.values("set")
        if name == ready?.policy, path == nil {
            inputs += (ready?.assignments(words) ?? []).filter { given[String($0.prefix { $0 != "=" })] == nil }
        }
        self.inputs = inputs
        try check(inputs.map { String($0.prefix { $0 != "=" }) }, name)
    }

    private func check(_ names: [String], _ policy: String) throws(Problem) {
        if let name = names.first(where: { name in !draft.inputs.contains { $0.name == name } }) {
            throw .undeclared(input: name, policy: policy)
        }
        if let input = draft.inputs.first(where: { $0.defaultValue == nil && !names.contains($0.name) }) {
            throw .missing(input: input.name, policy: policy)
        }
    }
}

extension PolicyForServer.Problem {
    var status: ExitStatus {
        switch self {
        case .usage, .undeclared, .missing: .usage
        case .none, .hasCommand: .finding
        case .refused: .refused
        }
    }

    func text(_ style: Style) -> String {
        switch self {
        case .usage(let error): ProblemText.text(error.message(in: .all), style)
        case .none(let command):
            ProblemText.text(
                (
                    "no shipped policy is for \(Escaping.quoted(command))",
                    "`sandboxctl learn --output FILE -- COMMAND` writes one from what the server is seen to do, for `--policy FILE`; a name as for `wrap` will do, too: there are \(ReadyPolicy.all.map { "`\($0.policy)`" }.joined(separator: ", "))"
                ), style)
        case .refused(let refusal, let texts):
            RefusalText(source: { texts?.source($0) }, style: style).text(refusal.reasons.all)
        case .hasCommand(let policy):
            ProblemText.text(
                (
                    "the policy \(Escaping.quoted(policy)) has a `server.command`, and the client has one, too",
                    "take it out of the policy; or let the client start `sandboxctl wrap --policy \(Escaping.line(policy))` and nothing else"
                ), style)
        case .undeclared(let input, let policy):
            ProblemText.text(("the policy \(Escaping.quoted(policy)) does not declare the input \(Escaping.quoted(input))", nil), style)
        case .missing(let input, let policy):
            ProblemText.text(
                (
                    "the policy \(Escaping.quoted(policy)) needs a value for \(Escaping.quoted(input))",
                    "give it: `--set \(Escaping.line(input))=VALUE`; `sandboxctl explain \(Escaping.line(policy))` says what for"
                ), style)
        }
    }
}
