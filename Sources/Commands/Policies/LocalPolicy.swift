import ControlProtocol
import Descriptors
import Glibc
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText

/// A policy as it is here and for this caller: texts parsed, variables expanded, paths looked at. What is left is to compile it for a host.
struct LocalPolicy {
    let texts: PolicyTexts
    let expanded: ExpandedPolicy
    /// What the layers leave of it.
    let policy: Policy
    /// What it says itself.
    let untightened: Policy
    /// Those that apply.
    let layers: [Layer]
    let launch: LaunchFacts
    /// Those that stand beside the policy; its own are `expanded.tests`.
    let tests: [PolicyTest]

    /// Throws every reason that does not depend on a host. `start` is the command where it is not the policy's, with what else belongs to its
    /// chain; `caller` whoever it is started for, where that is not this process's user.
    init(
        _ texts: PolicyTexts, inputs: [String: String], _ environment: CallerEnvironment, starting start: Start? = nil,
        for caller: LaunchFacts.Caller? = nil
    ) throws(Refusal) {
        self.texts = texts
        let draft = try texts.draft()
        let caller = caller ?? Self.caller
        let drafts = try texts.layers.drafts(for: draft.name)
        var variables = Self.variables(drafts.user(over: draft.user), inputs: inputs, environment, for: caller.uid)
        let command = start == nil ? try Self.command(draft, variables, environment) : start?.command
        variables.server = command.map(Self.directory)
        tests = try texts.tests(of: draft, with: variables)
        expanded = try draft.expanded(with: variables)
        let layers = try SessionLayers(drafts, variables)
        var descriptors = DescriptorList()
        var question = PathQuestion(
            expanded.requestedPaths, command: command, home: environment.home, wantsNameservers: expanded.needsNameservers)
        layers.ask(&question)
        let answer = PathAnswer(question, keeping: &descriptors)
        if let reason = answer.commandReason { throw Refusal(reason) }
        let own = expanded.requestedPaths.count
        untightened = try expanded.resolved(with: Array(answer.findings.prefix(own)), nameservers: answer.nameservers)
        self.layers = try layers.resolved(with: answer.findings.dropFirst(own), answer.nameservers)
        policy = try untightened.tightenedForLaunch(by: self.layers)
        launch = LaunchFacts(
            caller: caller, chain: answer.chain.map(LaunchFacts.ChainLink.init) + (start?.more ?? []),
            executeChain: answer.executeChain.map(LaunchFacts.ChainLink.init),
            cages: Self.cages(texts), protected: answer.protected, changeable: answer.changeable,
            floor: PathFinder.floor(keeping: &descriptors))
    }

    /// A command that is not the policy's own.
    struct Start: Sendable, Hashable {
        /// As it was found; absolute.
        let command: String
        /// What may be executed beside its chain.
        let more: [LaunchFacts.ChainLink]
    }

    /// As far as they are known without a daemon: where a host's layers lie, whichever are asked about, and the policy itself.
    private static func cages(_ texts: PolicyTexts) -> [LaunchFacts.Cage] {
        [LaunchFacts.Cage(path: LayerDirectory.defaultPath, what: "a layer")]
            + texts.paths.map { LaunchFacts.Cage(path: $0, what: "the policy") }
    }

    /// Stands for the private home that a session of its own user is given: nothing is there yet.
    private static let sessionHome = "/var/lib/sandboxd/homes/session"

    /// What stands for `${…}`; `${server}` only once the command is found.
    static func variables(
        _ asked: ServerClause.User?, inputs: [String: String], _ environment: CallerEnvironment, for uid: UInt32 = geteuid()
    ) -> PolicyVariables {
        let user = asked ?? (uid == 0 ? .session : .caller)
        return PolicyVariables(
            home: user == .session ? sessionHome : environment.home ?? "/", cwd: CallerEnvironment.workingDirectory ?? "/",
            runtime: environment["XDG_RUNTIME_DIR"], inputs: inputs)
    }

    private static func directory(of path: String) -> String {
        String(path[..<(path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)])
    }

    func plan(for host: HostProfile) throws(Refusal) -> KernelPlan {
        try compile(policy, for: host, launching: launch)
    }

    /// Where `server.command` is; nil where the policy has none. A command that is not here is a reason at its place.
    static func command(
        _ draft: PolicyDraft, _ variables: PolicyVariables, _ environment: CallerEnvironment
    ) throws(Refusal) -> String? {
        guard let command = try draft.expandedCommand(with: variables)?.first else { return nil }
        switch CommandLookup.find(Array(command.value.utf8), path: environment.bytes("PATH"), cwd: Array(variables.cwd.utf8)) {
        case .found(let path): return String(decoding: path, as: UTF8.self)
        case .notFound: throw Refusal(Reason(.commandNotFound, at: command.location, ["command": command.value]))
        case .notExecutable(_, let error):
            throw Refusal(Reason(.commandNotExecutable, at: command.location, ["command": command.value, "error": error]))
        }
    }

    private static var caller: LaunchFacts.Caller {
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(Int32(groups.count), &groups)
        return LaunchFacts.Caller(uid: geteuid(), gid: getegid(), groups: groups.prefix(max(0, Int(count))).map { $0 })
    }
}

extension LaunchFacts.ChainLink {
    fileprivate init(_ link: ExecutableChain.Link) {
        let role: Role =
            switch link.role {
            case .command: .command
            case .interpreter: .interpreter
            case .loader: .loader
            }
        self.init(role: role, facts: link.facts)
    }
}
