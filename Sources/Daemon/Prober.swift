import Descriptors
import Glibc
import KernelPlan
import PathFinding
import Policy

/// The program that tries what policies forbid. When a policy is proven it runs in the server's place, as one more file of the command's chain.
///
/// INVARIANT: it is the daemon's own sibling; nothing that a caller says names it.
struct Prober: Sendable, Hashable {
    static let name = "sandbox-prober"
    /// Of its only tool.
    static let tool = "act"

    let path: String
    let facts: PathFacts

    /// Looks at it as the daemon, and keeps it open among what was found.
    init(_ siblings: Siblings, keptBy found: inout FoundPaths) throws(Errno) {
        let program = try siblings.open(Self.name)
        let status = try program.status()
        path = siblings.path(of: Self.name)
        var descriptors = DescriptorList()
        guard case .found(let facts) = PathFinder.find(path, keeping: &descriptors) else { throw .noEntry }
        guard facts.device == status.device, facts.inode == status.inode else { throw Errno(code: ESTALE) }
        self.facts = facts
        found.add(program, facts)
    }

    var link: LaunchFacts.ChainLink { LaunchFacts.ChainLink(role: .command, facts: facts) }

    /// What the gate lets through, whatever the policy's rules and those of layers are: what is proven is the kernel's part.
    static let tools = ToolsClause(
        default: .deny, rules: [Rule(id: "proof", tools: [ToolPattern(tool)].compactMap { $0 }, effect: .allow)])
}
