import KernelPlan
import Policy
import PolicyText

/// The invented host, caller and files that a page's example is compiled for.
struct ExampleWorld: Sendable {
    var custody = Custody.daemon
    var landlockABI = 7
    var missing: Set<Mechanism> = []
    /// What the probe saw of those.
    var observed = "EPERM when set up"
    var uid: UInt32 = 1_000
    /// A host that was observed, in place of the invented one.
    var profile: HostProfile?
    /// What is found at a path; any other is a directory of the caller's.
    var paths: [String: PathFinding] = [:]
    var cages: [LaunchFacts.Cage] = []
    var protected: [String] = []

    /// Everything for which the policy is refused; empty when it is exact. What is not enforced yet is told where it is all there is.
    func reasons(_ text: String, _ includes: [String: String]) -> [Reason] {
        let lasting = reasons(text, includes, accepting: .everything)
        return lasting.isEmpty ? reasons(text, includes, accepting: .enforced) : lasting
    }

    private func reasons(_ text: String, _ includes: [String: String], accepting acceptance: Acceptance) -> [Reason] {
        let documents = includes.map { ($0.key, PolicySource(name: $0.key, bytes: Array($0.value.utf8))) }
        do throws(Refusal) {
            let main = PolicySource(name: PageExample.document, bytes: Array(text.utf8))
            let draft = try PolicyText.parse(
                main, includes: Dictionary(documents, uniquingKeysWith: { first, _ in first }), accepting: acceptance)
            let variables = PolicyVariables(home: "/home/ann", cwd: "/home/ann/notes", runtime: "/run/user/1000", server: "/opt/notes")
            let expanded = try draft.expanded(with: variables)
            let policy = try expanded.resolved(
                with: expanded.requestedPaths.map { paths[$0.path] ?? Self.directory($0.path) }, nameservers: Self.nameservers)
            _ = try compile(policy, for: host, launching: launch)
            return []
        } catch {
            return error.reasons.all
        }
    }

    private var host: HostProfile {
        if let profile { return profile }
        var observations: [Mechanism: Observation] = [:]
        for mechanism in Mechanism.allCases { observations[mechanism] = missing.contains(mechanism) ? .absent(observed) : .works }
        return HostProfile(
            kernel: "6.18", architecture: "x86_64", custody: custody, landlockABI: landlockABI, observations: observations)
    }

    private var launch: LaunchFacts {
        LaunchFacts(
            caller: .init(uid: uid, gid: uid, groups: [uid]),
            chain: [.init(role: .command, facts: Self.facts("/opt/notes/mcp-notes", .file, owner: 0, inode: 2))],
            cages: cages, protected: protected, sessionUID: 61_184)
    }

    /// 192.0.2.53
    private static let nameservers = FoundNameservers(addresses: [.v4(0xC000_0235)])

    static func directory(_ path: String) -> PathFinding { .found(facts(path)) }

    static func facts(
        _ path: String, _ kind: PathFacts.Kind = .directory, owner: UInt32 = 1_000, mode: UInt32 = 0o755, inode: UInt64 = 9,
        names: UInt64 = 1, links: [FollowedLink] = []
    ) -> PathFacts {
        PathFacts(
            resolved: path, kind: kind, device: 8, inode: inode, linkCount: names, owner: owner, group: owner, mode: mode, links: links,
            ancestors: [Ancestor(path: "/", owner: 0, group: 0, mode: 0o755)])
    }
}
