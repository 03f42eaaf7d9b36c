import KernelPlan
import Policy

/// A policy in plain words: section by section, what is permitted, what holds it, and what one should know about it.
struct Explanation {
    /// One part of the policy.
    struct Section: Sendable, Hashable {
        let title: String
        var lines: [Line] = []

        mutating func permit(_ text: String) { lines.append(.permits(text)) }
        mutating func hold(_ text: String) { lines.append(.heldBy(text)) }
        mutating func note(_ text: String) { lines.append(.note(text)) }
    }

    /// One statement.
    enum Line: Sendable, Hashable {
        case permits(String)
        /// The mechanism that enforces what stands above.
        case heldBy(String)
        /// What is easily overlooked.
        case note(String)
    }

    let policy: Policy
    let plan: KernelPlan
    let launch: LaunchFacts
    let tightenings: Tightenings
    private let origin: String

    init(
        _ policy: Policy, _ plan: KernelPlan, _ launch: LaunchFacts, _ tightenings: Tightenings = Tightenings(), on origin: String
    ) {
        self.policy = policy
        self.plan = plan
        self.launch = launch
        self.tightenings = tightenings
        self.origin = origin
    }

    /// What layers take from a section closes it.
    var sections: [Section] {
        let sections =
            [server, environment, tools, messages] + [approvals].compactMap(\.self)
            + [egress, ingress, files, execute, processes, evidence, baseline]
        return sections.map { section in
            var section = section
            for line in tightenings.lines(section.title) { section.note(line) }
            return section
        }
    }

    func text(_ style: Style) -> String {
        let description = policy.description.map { ": " + Escaping.line($0) } ?? ""
        let head = style(.strong, Escaping.line(policy.name)) + description + "\nheld exactly on this host (\(origin))\n" + tightened
        return head + sections.map { "\n" + text($0, style) }.joined()
    }

    private var tightened: String {
        let names = tightenings.layers.map { Escaping.quoted($0.name) }
        return names.isEmpty ? "" : "tightened by \(names.count == 1 ? "layer" : "layers") \(Self.list(names))\n"
    }

    private func text(_ section: Section, _ style: Style) -> String {
        let lines = section.lines.map { line in
            switch line {
            case .permits(let text): "  \(text)"
            case .heldBy(let text): "    \(style(.frame, "held by:")) \(text)"
            case .note(let text): "    \(style(.warning, "note:")) \(text)"
            }
        }
        return ([style(.strong, section.title)] + lines).map { $0 + "\n" }.joined()
    }

    /// A list as one would say it.
    static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "nothing" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
