import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import PathFinding
import Policy
import PolicyText
import StrictJSON

/// `learn -- COMMAND…`: a session under the policy `learning`, which is observed.
struct LearnSession {
    static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(LearnFailure) {
            var session = try LearnSession(invocation, console)
            do throws(LearnFailure) {
                return try session.run()
            } catch {
                let status = error.report(console)
                if let advice = session.advice(error) { console.say(advice) }
                return status
            }
        } catch {
            return error.report(console)
        }
    }

    private static let learning = "learning"

    private let invocation: Invocation
    private let console: Console
    private let environment = CallerEnvironment.current()
    private let texts: PolicyTexts
    private let inputs: [String: String]
    /// The command, where it is the policy's.
    private let command: [[UInt8]]

    private init(_ invocation: Invocation, _ console: Console) throws(LearnFailure) {
        self.invocation = invocation
        self.console = console
        try LearnOutput.check(invocation)
        let given: [String: String]
        do { given = try invocation.assignments("set") } catch { throw .policy(.other(.usage(error))) }
        let policy = try invocation.value("policy").map { name throws(LearnFailure) in try Self.judged(name, given) }
        let secrets = try Self.secrets(invocation, policy)
        texts = try Self.texts(policy, secrets)
        inputs = policy == nil ? given : given.filter { $0.key == "project" }
        let own = policy?.expanded.server.command.map { $0.map { Array($0.utf8) } }
        if own != nil, invocation.trailing != nil { throw .usage("a command is given although the policy has one", help: nil) }
        guard let command = invocation.trailing ?? own else {
            throw .usage("no command is given", help: "`sandboxctl learn -- COMMAND`, or `learn --from RECEIPTS`")
        }
        self.command = command
    }

    private static func judged(_ name: String, _ inputs: [String: String]) throws(LearnFailure) -> JudgedPolicy {
        let environment = CallerEnvironment.current()
        var texts: PolicyTexts?
        do throws(Refusal) {
            let found = try PolicyTexts(name, finder: PolicyFinder(environment))
            texts = found
            return try JudgedPolicy(found, inputs: inputs, environment)
        } catch {
            throw .policy(.refused(error, texts))
        }
    }

    // MARK: What it is learned under

    private static func secrets(_ invocation: Invocation, _ policy: JudgedPolicy?) throws(LearnFailure) -> JSONObject {
        var secrets = policy?.expanded.document["server"]?["env"]?["secret"]?.object ?? [:]
        for name in invocation.values("secret") where secrets[name] == nil { secrets[name] = ["from": "env"] }
        guard secrets.isEmpty || invocation.has("with-secrets") else { throw .secrets(secrets.members.map(\.name)) }
        return secrets
    }

    /// The shipped policy, with the environment and the place of the one that is asked about.
    private static func texts(_ policy: JudgedPolicy?, _ secrets: JSONObject) throws(LearnFailure) -> PolicyTexts {
        var server = policy?.expanded.document["server"]?.object ?? [:]
        server["command"] = nil
        var env = server["env"]?.object ?? [:]
        env["secret"] = secrets.isEmpty ? nil : .object(secrets)
        server["env"] = env.isEmpty ? nil : .object(env)
        let finder = PolicyFinder(CallerEnvironment.current())
        do throws(Refusal) {
            guard !server.isEmpty else { return try PolicyTexts(learning, finder: finder) }
            // JSON is YAML.
            let document: JSON = ["sandboxd": 1, "name": .string(learning), "include": [.string(learning)], "server": .object(server)]
            return try PolicyTexts(NamedText(name: learning, bytes: document.encoded()), finder: finder)
        } catch {
            throw .policy(.refused(error, nil))
        }
    }

    // MARK: The session

    private mutating func run() throws(LearnFailure) -> ExitStatus {
        var invocation = invocation
        invocation.trailing = command
        var preparation = WrapPreparation(invocation, environment, under: (texts, inputs))
        let conversation = ConversationWatch()
        let found: WrapPreparation.FoundCommand
        let outcome: WrapSession.Outcome
        do throws(LearnFailure) {
            (found, outcome) = try session(&preparation, conversation)
        } catch {
            if case .wrap(let failure, _) = error {
                let plain = failure.text(RefusalText(source: { [texts] in texts.source($0) }, style: .plain))
                ClientAnswer(input: .standardInput, output: .standardOutput).refuse(plain + (advice(error).map { "\n\($0)\n" } ?? ""))
            }
            throw error
        }
        if let message = outcome.message { console.say(message) }
        let sightings = conversation.finish()
        let learned = try LearnedSession(sightings, found, texts, inputs, invocation, environment)
        guard let policy = invocation.value("policy") else {
            let text = learned.text()
            if invocation.value("output") == nil { console.warn(text) } else { try LearnOutput.write(text, invocation, console) }
            return outcome.status
        }
        let gap = try learned.gap(policy)
        console.warn(gap.text(console.errorStyle))
        return gap.isEmpty ? outcome.status : .finding
    }

    /// What the working directory holds is the first thing that stands in the way of somebody who tries it at home.
    private func advice(_ error: LearnFailure) -> String? {
        guard case .wrap(let failure, _) = error, inputs["project"] == nil, let refusal = failure.refusal,
            refusal.reasons.all.contains(where: { $0.code == .ownCage })
        else {
            return nil
        }
        return
            "the server may write below the working directory while it is observed: start it in a directory of its own, or name one, `--set project=DIR`"
    }

    private func session(
        _ preparation: inout WrapPreparation, _ conversation: ConversationWatch
    ) throws(LearnFailure) -> (WrapPreparation.FoundCommand, WrapSession.Outcome) {
        do throws(WrapFailure) {
            let found = try preparation.prepare()
            var daemon: DaemonConnection
            do { daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment) } catch {
                throw WrapFailure.daemon(error)
            }
            let streams: ClientStreams
            do { streams = try ClientStreams(relaying: true) } catch { throw WrapFailure.streams(error) }
            let relays = streams.relays
            for relay in relays where relay.role == .input { relay.tap = { conversation.clientWrote($0) } }
            for relay in relays where relay.role == .output { relay.tap = { conversation.clientReads($0) } }
            let message: ControlMessage
            do { message = try preparation.request(found, streams, observes: true).encode() } catch let error as WrapRequest.Unsendable {
                throw WrapFailure.unsendable(error)
            } catch let error as WrapFailure { throw error } catch { throw WrapFailure.noWorkingDirectory }
            let reply: WrapReply
            do { reply = try WrapReply(try daemon.client.call(.wrap, message, deadline: Clock.monotonic + Self.launchTime)) } catch {
                throw WrapFailure.call(error)
            }
            console.say(
                "session \(Escaping.line(reply.session)) is observed: it may do nearly everything; end it when it has done what it is for")
            var answer = reply
            let listener = answer.observer.take()
            let lifeline = answer.lifeline
            let kept = daemon.kept()
            guard let listener else { return (found, WrapSession.Outcome()) }
            let outcome: WrapSession.Outcome
            do {
                outcome = try WrapSession(lifeline: lifeline, relays: relays, watch: KernelWatch(listener, conversation)).run()
            } catch { throw WrapFailure.streams(error) }
            if let kept { kept.finish() }
            return (found, outcome)
        } catch {
            throw .wrap(error, texts)
        }
    }

    private static let launchTime: UInt64 = 120_000_000_000
}
