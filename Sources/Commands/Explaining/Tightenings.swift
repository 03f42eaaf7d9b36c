import KernelPlan
import Policy

/// What layers take from a policy: computed on the sets that are permitted before and after each of them, in their order.
struct Tightenings: Sendable {
    /// Those that apply.
    let layers: [Layer]
    /// By the title of a section.
    private var notes: [(title: String, line: String)] = []

    /// None applies.
    init() { layers = [] }

    init(_ policy: Policy, _ layers: [Layer], _ launch: LaunchFacts) {
        self.layers = layers
        var before = policy
        for layer in layers {
            // What cannot be written down was refused before.
            guard let after = try? before.tightened(by: [layer]) else { continue }
            let changes = PolicyDifference(from: ResolvedPolicy(before, launching: launch), to: ResolvedPolicy(after, launching: launch))
            add(changes.changes, layer)
            before = after
        }
    }

    private mutating func add(_ changes: [PolicyChange], _ layer: Layer) {
        let titles = changes.map(Self.title).reduce(into: [String]()) { titles, title in if !titles.contains(title) { titles.append(title) }
        }
        for title in titles {
            for line in PolicyChangeText.lines(changes.filter { Self.title($0) == title }) {
                notes.append((title, "layer \(Escaping.quoted(layer.name)): \(line.text)"))
            }
        }
    }

    func lines(_ title: String) -> [String] { notes.filter { $0.title == title }.map(\.line) }

    /// The section of an explanation that a change belongs to.
    private static func title(_ change: PolicyChange) -> String {
        switch change {
        case .permits(let part), .withholds(let part): title(part)
        case .limit: "processes"
        case .rule, .toolDefault: "tools"
        case .setting(let setting, _, _): title(setting)
        }
    }

    private static func title(_ part: PermittedPart) -> String {
        switch part {
        case .endpoints(.connectTCP, _), .endpoints(.sendUDP, _), .paths(.connectUnix, _), .grant(.anyUnixSocket), .names: "egress"
        case .endpoints(.listenTCP, _): "ingress"
        case .paths(.execute, _): "execute"
        case .paths(.read, _), .paths(.list, _), .paths(.write, _): "files"
        case .grant(.ownedMetadata), .grant(.protectedFiles), .grant(.temporaryFiles), .grant(.processFiles): "files"
        case .grant(.processes): "processes"
        case .messages, .asked, .unasked: "messages"
        case .variable: "environment"
        }
    }

    private static func title(_ setting: PolicySetting) -> String {
        switch setting {
        case .command, .cwd, .user: "server"
        case .environment: "environment"
        case .pins: "tools"
        case .evidenceArguments, .evidenceDurability, .evidenceKeep: "evidence"
        case .approvers, .grantTime, .waitTime: "approvals"
        }
    }
}
