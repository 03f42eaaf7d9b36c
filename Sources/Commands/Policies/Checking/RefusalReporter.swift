import ControlProtocol
import Descriptors
import PathFinding
import PolicyText

/// What the refusals ledger says to a policy that is refused here.
enum CheckedRefusal: Sendable, Hashable {
    case recorded(String)
    /// Why it is not.
    case unrecorded(String)

    var entry: String? { if case .recorded(let entry) = self { entry } else { nil } }
}

/// Hands policies that are refused here to the daemon. It judges them itself, as it would at a launch, and records what it refuses; what this
/// process found is not told. Where no daemon can be asked, and none was named, nothing is recorded and nothing said.
final class RefusalReporter {
    private let line: DaemonLine
    private let environment: CallerEnvironment
    private var isOpen = false
    private var problem: DaemonProblem?
    /// Names of policies that the ledger has something against; nil until they are needed.
    private var listed: Set<[UInt8]>?

    /// Nanoseconds for one judgement; each of its steps has a deadline of its own.
    private static let patience: UInt64 = 60_000_000_000

    init(_ line: DaemonLine, _ environment: CallerEnvironment) {
        self.line = line
        self.environment = environment
    }

    func finish() { line.finish() }

    /// `user`: another whom it is refused for; for root. Nil where there is nobody to tell.
    func refused(_ texts: PolicyTexts, inputs: [String: String], for user: String? = nil) -> CheckedRefusal? {
        guard open() else { return line.choice.isNamed ? problem.map { .unrecorded($0.words.message) } : nil }
        do throws(ControlCallFailure) {
            guard let reply = try check(texts, inputs, user) else { return .unrecorded("it is larger than a request takes") }
            if let entry = reply.entry, !reply.isExact { return .recorded(entry) }
            return .unrecorded(reply.unrecorded ?? "sandboxd itself does not refuse it")
        } catch {
            guard case .answered(let answer) = error else { return .unrecorded("sandboxd did not answer: \(error.words)") }
            return .unrecorded(answer.words.message)
        }
    }

    /// Of a policy that is exact here the daemon is told only where its ledger says otherwise.
    func exact(_ name: String, _ texts: PolicyTexts, inputs: [String: String]) {
        guard open(), names.contains(Array(name.utf8)) else { return }
        _ = try? check(texts, inputs, nil)
    }

    private func open() -> Bool {
        if isOpen || problem != nil { return isOpen }
        do throws(DaemonProblem) {
            try line.open()
            isOpen = true
        } catch {
            problem = error
        }
        return isOpen
    }

    private var names: Set<[UInt8]> {
        if let listed { return listed }
        var names: Set<[UInt8]> = []
        if let entries = try? LedgerSource.list(over: line) {
            for entry in entries where entry.state != .resolved { names.insert(Array(entry.policy.utf8)) }
        }
        listed = names
        return names
    }

    /// Nil where it cannot be sent.
    private func check(_ texts: PolicyTexts, _ inputs: [String: String], _ user: String?) throws(ControlCallFailure) -> CheckReply? {
        guard let message = try? CheckRequest(texts, inputs, environment, for: user).encode() else { return nil }
        return try CheckReply(try line.call(.check, message, deadline: Clock.monotonic + Self.patience))
    }
}

extension CheckRequest {
    init(_ texts: PolicyTexts, _ inputs: [String: String], _ environment: CallerEnvironment, for user: String?) {
        self.init(
            policy: texts.policy, includes: texts.includes, inputs: inputs, path: Self.command(of: texts, inputs, environment),
            cwdPath: CallerEnvironment.workingDirectory ?? "/", home: environment.home, runtime: environment["XDG_RUNTIME_DIR"], user: user)
    }

    /// Where the policy's own command is, as far as it can be found.
    private static func command(of texts: PolicyTexts, _ inputs: [String: String], _ environment: CallerEnvironment) -> String? {
        guard let draft = try? texts.draft() else { return nil }
        let variables = LocalPolicy.variables(draft.user, inputs: inputs, environment)
        return (try? LocalPolicy.command(draft, variables, environment)) ?? nil
    }
}

extension DaemonChoice {
    /// Somebody said which.
    fileprivate var isNamed: Bool { if case .socket = self { true } else { false } }
}
