import KernelPlan
import Policy

/// For rules with a condition on paths or endpoints: whether the kernel holds the server to it whatever it makes of the argument, or only
/// the gate judges the text.
struct Backing {
    private let resolved: ResolvedPolicy

    init(_ policy: Policy, _ launch: LaunchFacts) { resolved = ResolvedPolicy(policy, launching: launch) }

    /// One line for each such condition.
    func lines(_ rule: Rule) -> [String] { rule.when.map(lines) ?? [] }

    private func lines(_ condition: Condition) -> [String] {
        switch condition {
        case .all(let inner), .any(let inner): inner.flatMap(lines)
        case .not(let inner): lines(inner)
        case .argument(let pointer, let tests): tests.flatMap { lines($0, pointer) }
        }
    }

    private func lines(_ test: Condition.Operator, _ pointer: JSONPointer) -> [String] {
        let argument = Escaping.quoted(pointer.text)
        switch test {
        case .inside(let paths): return ["\(argument) inside: \(inside(paths))"]
        case .hostIn(let hosts): return ["\(argument) host_in: \(hostIn(hosts))"]
        case .each(let inner): return inner.flatMap { lines($0, pointer) }
        case .startsWith(let text) where text.hasPrefix("/"): return ["\(argument) starts_with: \(Self.text)"]
        case .matches(let pattern) where pattern.contains("/"): return ["\(argument) matches: \(Self.text)"]
        case .equals, .isIn, .below, .atMost, .above, .atLeast, .startsWith, .endsWith, .contains, .matches, .exists: return []
        }
    }

    private static let text = "only the gate holds it, by text: it takes no `..` or link apart; `inside` takes `..` apart"

    // MARK: Paths

    /// The condition is on the text of a path; the kernel holds files. It backs the condition where nothing else can be reached.
    private func inside(_ paths: [String]) -> String {
        let written = beyond(.write, paths)
        let read = beyond(.read, paths)
        switch (written.isEmpty, read.isEmpty) {
        case (true, true): return "the kernel backs it: nothing else can be read or written, links included"
        case (true, false): return "the kernel backs it for writing; for reading only the gate does: \(names(read)) can be read too"
        case (false, _): return "only the gate holds it, by text, and follows no link: \(names(written)) can be written too"
        }
    }

    private func beyond(_ act: PathAct, _ paths: [String]) -> [PathPart] {
        resolved.parts(act, outside: paths.map { PathRoot(found($0), isDirectory: true) })
    }

    /// Where a grant of the policy is written so, what it leads to.
    private func found(_ path: String) -> String {
        let files = resolved.policy.files
        let grant = (files.readable + files.writable).first { $0.path.utf8.elementsEqual(path.utf8) }
        return grant?.found.resolved ?? path
    }

    private func names(_ parts: [PathPart]) -> String {
        let shown = parts.prefix(3).map { Escaping.quoted($0.root.path) }
        return Explanation.list(shown + (parts.count > 3 ? ["\(parts.count - 3) more"] : []))
    }

    // MARK: Endpoints

    /// The kernel sees addresses: it backs a condition on names only where nothing can be reached at all.
    private func hostIn(_ hosts: [String]) -> String {
        let reach = [resolved.endpoints(.connectTCP), resolved.endpoints(.sendUDP)]
        if reach.allSatisfy(\.isEmpty) { return "the kernel backs it: the server reaches no address at all" }
        let networks = hosts.map { try? EndpointPattern(Self.endpoint($0)) }
        guard !networks.contains(nil) else { return "only the gate holds it: the kernel sees addresses, not names" }
        let named = EndpointSet(networks.compactMap(\.self))
        return reach.allSatisfy { $0.subtracting(named).isEmpty }
            ? "the kernel backs it: no other address can be reached" : "only the gate holds it: other addresses can be reached too"
    }

    private static func endpoint(_ host: String) -> String { host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:*" : "\(host):*" }
}
