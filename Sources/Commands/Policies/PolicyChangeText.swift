import KernelPlan
import Policy
import StrictJSON

/// Changes in words, one line each.
struct PolicyChangeText: Sendable, Hashable {
    /// `permits`, `withholds`, `limit`, `rule`, `default` or `setting`: for programs.
    let kind: String
    let text: String

    var json: JSON { ["change": .string(kind), "text": .string(text)] }

    /// In their order; acts on one part of the tree are said together.
    static func lines(_ changes: [PolicyChange]) -> [PolicyChangeText] {
        var lines: [PolicyChangeText] = []
        var told: [PathChange: Int] = [:]
        var acts: [Int: [PathAct]] = [:]
        for change in changes {
            guard let path = PathChange(change) else {
                lines.append(line(change))
                continue
            }
            let index = told[path.place] ?? lines.count
            if index == lines.count { lines.append(line(change)) }
            told[path.place] = index
            acts[index, default: []].append(path.act)
            lines[index] = PolicyChangeText(kind: path.kind, text: path.words(acts[index] ?? []))
        }
        return lines
    }

    private static func line(_ change: PolicyChange) -> PolicyChangeText {
        switch change {
        case .permits(let part): Self(kind: "permits", text: "now also permits \(words(part, "was permitted before"))")
        case .withholds(let part): Self(kind: "withholds", text: "no longer permits \(words(part, "is permitted still"))")
        case .limit(let limit, let old, let new): Self(kind: "limit", text: words(limit, old, new))
        case .rule(let id, let change): Self(kind: "rule", text: "rule \(Escaping.quoted(id)): \(RuleChangeWords.words(change))")
        case .toolDefault(let old, let new):
            Self(kind: "default", text: "every other tool: now \(RuleChangeWords.state(new)), was \(RuleChangeWords.state(old))")
        case .setting(let setting, let old, let new):
            Self(kind: "setting", text: "\(setting.key): \(value(new)), was \(value(old))")
        }
    }

    private static func value(_ text: String?) -> String { text.map { Escaping.quoted($0) } ?? "not set" }

    // MARK: Parts

    private static func words(_ part: PermittedPart, _ rest: String) -> String {
        switch part {
        case .endpoints(let act, let part): "\(act.words) \(words(part, rest))"
        case .names(let part): "connecting by name to \(words(part, rest))"
        case .paths(let act, let part): "\(act.words) \(PathChange.words(part, rest))"
        case .messages(let kind, let pattern): kind.words(pattern)
        case .asked(let kind): "\(kind.words), once a person permits it"
        case .unasked(let kind): "\(kind.words) without a person's word"
        case .variable(let name): "the server to see the caller's variable \(Escaping.quoted(name))"
        case .grant(let grant): grant.words
        }
    }

    private static func words(_ part: EndpointPart, _ rest: String) -> String {
        let besides = part.besides.isEmpty ? "" : ", except \(Explanation.list(part.besides.map(words))), which \(rest)"
        return words(part.pattern) + besides
    }

    private static func words(_ part: NamePart, _ rest: String) -> String {
        part.pattern.description
            + (part.besides.isEmpty ? "" : ", except \(Explanation.list(part.besides.map(\.description))), which \(rest)")
    }

    private static func words(_ pattern: EndpointPattern) -> String {
        pattern.addresses == .any && pattern.ports == .any ? "any address and port" : pattern.description
    }

    private static func words(_ limit: ResourceLimit, _ old: Int?, _ new: Int?) -> String {
        let now = new.map { "now at most \(limit.amount($0))" } ?? "now without a limit"
        return "\(limit.rawValue): \(now), was \(old.map { limit.amount($0) } ?? "without one")"
    }
}

/// A change of what may be done in one part of the tree.
struct PathChange: Hashable {
    let kind: String
    let part: PathPart
    let act: PathAct

    init?(_ change: PolicyChange) {
        switch change {
        case .permits(.paths(let act, let part)): (kind, self.act, self.part) = ("permits", act, part)
        case .withholds(.paths(let act, let part)): (kind, self.act, self.part) = ("withholds", act, part)
        case .permits, .withholds, .limit, .rule, .toolDefault, .setting: return nil
        }
    }

    private init(kind: String, part: PathPart, act: PathAct) { (self.kind, self.part, self.act) = (kind, part, act) }

    /// The same for every act on files.
    var place: PathChange { PathChange(kind: kind, part: part, act: act == .connectUnix ? .connectUnix : .read) }

    func words(_ acts: [PathAct]) -> String {
        let isPermitted = kind == "permits"
        // Whoever may read a directory may list it: that goes without saying.
        let told = acts.filter { $0 != .list || !acts.contains(.read) }
        let verbs = Explanation.list(told.map(\.words))
        return (isPermitted ? "now also permits " : "no longer permits ") + verbs + " "
            + Self.words(part, isPermitted ? "was permitted before" : "is permitted still")
    }

    static func words(_ part: PathPart, _ rest: String) -> String {
        part.root.words + (part.besides.isEmpty ? "" : ", except \(Explanation.list(part.besides.map(\.words))), which \(rest)")
    }
}

extension PathRoot {
    fileprivate var words: String { (isDirectory ? "below " : "") + Escaping.quoted(path) }
}

extension EndpointAct {
    fileprivate var words: String {
        switch self {
        case .connectTCP: "tcp connect to"
        case .sendUDP: "udp to"
        case .listenTCP: "listening on tcp"
        }
    }
}

extension PathAct {
    fileprivate var words: String {
        switch self {
        case .read: "reading"
        case .list: "listing"
        case .write: "writing"
        case .execute: "executing"
        case .connectUnix: "connecting to the unix socket"
        }
    }
}

extension MessageKind {
    fileprivate func words(_ pattern: ToolPattern) -> String {
        switch self {
        case .resources, .prompts: "\(words) \(Escaping.quoted(pattern.text))"
        case .sampling, .elicitation, .roots: words
        }
    }

    fileprivate var words: String {
        switch self {
        case .resources: "reading resources"
        case .prompts: "prompts"
        case .sampling: "the server to ask for sampling"
        case .elicitation: "the server to ask the user for input"
        case .roots: "the server to ask for the client's roots"
        }
    }
}

extension PlainGrant {
    fileprivate var words: String {
        switch self {
        case .anyUnixSocket: "connecting to any unix socket"
        case .ownedMetadata: "changing mode, owner, times and attributes of every file that the server's user owns"
        case .protectedFiles: "writing client configurations, shell start-up files and git hooks in what may be written"
        case .temporaryFiles: "temporary directories of its own"
        case .processFiles: "reading /proc of its own processes"
        case .processes: "making processes"
        }
    }
}

extension ResourceLimit {
    fileprivate func amount(_ value: Int) -> String {
        switch self {
        case .tasks: "\(value)"
        case .memory: ByteCount.text(value)
        case .cpu: "\(value)% of one CPU"
        }
    }
}

extension PolicySetting {
    /// As the grammar names it.
    fileprivate var key: String {
        switch self {
        case .command: "server.command"
        case .cwd: "server.cwd"
        case .user: "server.user"
        case .environment: "server.env.set"
        case .pins: "tools.pins"
        case .evidenceArguments: "evidence.arguments"
        case .evidenceDurability: "evidence.durability"
        case .evidenceKeep: "evidence.keep"
        case .approvers: "approvals.by"
        case .grantTime: "approvals.within"
        case .waitTime: "approvals.wait"
        }
    }
}

/// Sizes as a policy writes them.
enum ByteCount {
    static func text(_ bytes: Int) -> String {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        guard let unit = units.first(where: { bytes >= $0.0 && bytes % $0.0 == 0 }) else { return "\(bytes) bytes" }
        return "\(bytes / unit.0) \(unit.1)"
    }
}
