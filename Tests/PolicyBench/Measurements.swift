import CAllocations
import Decision
import KernelPlan
import MCP
import Policy
import PolicyText
import StrictJSON

/// From the text of a policy of 1,000 rules to what the gate decides with and the kernel's plan, and the parts of it.
struct Compilation {
    private let text = PolicySource(name: "many.yaml", bytes: Array(Samples.policy(rules: 1_000).utf8))
    private let variables = PolicyVariables(home: "/home/ann", cwd: "/home/ann/notes")

    /// Milliseconds.
    func time() throws -> Double {
        let start = worked()
        let policy = try PolicyText.parse(text).expanded(with: variables).resolved(with: [])
        keep(try LayeredRules(policy: policy.tools))
        keep(try compile(policy, for: Self.host, launching: Self.launch))
        return Double(worked() - start) / 1e6
    }

    private static let host = HostProfile(
        kernel: "invented", architecture: "x86_64", custody: .daemon, landlockABI: 7,
        observations: Dictionary(uniqueKeysWithValues: Mechanism.allCases.map { ($0, .works) }))

    private static let launch = LaunchFacts(
        caller: .init(uid: 1_000, gid: 1_000, groups: [1_000]),
        chain: [.init(role: .command, facts: facts("/opt/tool/server", inode: 100))],
        floor: [facts("/dev/null", inode: 5, kind: .other), facts("/dev/urandom", inode: 6, kind: .other)])

    private static func facts(_ path: String, inode: UInt64, kind: PathFacts.Kind = .file) -> PathFacts {
        PathFacts(
            resolved: path, kind: kind, device: 8, inode: inode, linkCount: 1, owner: 0, group: 0, mode: 0o755,
            ancestors: [Ancestor(path: "/", owner: 0, group: 0, mode: 0o755)])
    }
}

/// Calls of tools without arguments, each decided by another rule than the one before.
struct Deciding: ~Copyable {
    private let rules: LayeredRules
    private let names: [[UInt8]]
    private let tape = JSONTape(seed: 1)

    init(rules count: Int, glob: Bool) throws {
        rules = try LayeredRules(policy: Samples.rules(count, glob: glob))
        // A step without a common divisor with the count meets all rules, far from each other.
        names = (0..<4_096).map { Samples.name($0 * 7_919 % count, glob: glob) }
    }

    /// Nanoseconds for one decision.
    func time() -> Double {
        let start = worked()
        for name in names { keep(rules.judge(name, arguments: nil, in: tape)) }
        return Double(worked() - start) / Double(names.count)
    }

    /// What one decision allocates.
    func allocations() -> Double {
        let before = ca_count()
        for name in names { keep(rules.judge(name, arguments: nil, in: tape)) }
        return Double(ca_count() - before) / Double(names.count)
    }
}

/// A message read strictly and decided, as the gate does it.
struct Judging: ~Copyable {
    private let rules: LayeredRules
    private let message = Array(Samples.message.utf8)
    private var tape = JSONTape(seed: 1)
    private var name: [UInt8] = []

    var bytes: Int { message.count }

    init(schema: Bool) throws { rules = try LayeredRules(policy: Samples.oneRule(schema: schema)) }

    /// Nanoseconds for one message.
    mutating func time() throws -> Double {
        guard try judge().decision == .forward(by: .rule("create")) else { throw Fault.wrongDecision }
        let start = worked()
        for _ in 0..<2_000 { keep(try judge()) }
        return Double(worked() - start) / 2_000
    }

    /// Nanoseconds for reading alone.
    mutating func readingTime() throws -> Double {
        let start = worked()
        for _ in 0..<2_000 { try tape.parse(message) }
        return Double(worked() - start) / 2_000
    }

    /// What one message allocates once everything has its size.
    mutating func allocations() throws -> Double {
        for _ in 0..<100 { keep(try judge()) }
        let before = ca_count()
        for _ in 0..<1_000 { keep(try judge()) }
        return Double(ca_count() - before) / 1_000
    }

    private mutating func judge() throws -> Judgement {
        try tape.parse(message)
        guard case .request(_, _, let params?) = try Message(tape) else { throw Fault.wrongDecision }
        keep(try RequestMeta(params, in: tape))
        name.removeAll(keepingCapacity: true)
        guard let tool = tape.member("name", of: params) else { throw Fault.wrongDecision }
        tape.appendString(tool, to: &name)
        guard ToolName.isValid(name) else { throw Fault.wrongDecision }
        return rules.judge(name, arguments: tape.member("arguments", of: params), in: tape)
    }
}

/// The benchmark itself is wrong.
enum Fault: Error { case wrongDecision, noAllocationCounted }
