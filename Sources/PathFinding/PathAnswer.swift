public import Descriptors
public import Policy
import StrictJSON

/// What the finder saw, with one descriptor of each inode that was found. All but the descriptors is a value.
public struct PathAnswer: Sendable, Hashable {
    /// One for each path that was asked, in that order.
    public var findings: [PathFinding]
    /// Of the command; empty when it cannot be started, and then `commandReason` says why.
    public var chain: [ExecutableChain.Link]
    public var commandReason: Reason?
    /// Interpreters and loaders of the executed files.
    public var executeChain: [ExecutableChain.Link]
    /// What exists, `files.protect` keeps, and a path that may be written reaches or lies in; resolved.
    public var protected: [String]
    /// Of these, what would change though it is mounted over.
    public var changeable: [String]
    /// `nil` where they were not asked for.
    public var nameservers: FoundNameservers?
    /// How many descriptors belong to it.
    var descriptorCount: Int

    /// Looks, with the credentials of this process.
    public init(_ question: PathQuestion, keeping descriptors: inout DescriptorList) {
        findings = question.paths.map { PathFinder.find($0, keeping: &descriptors) }
        chain = []
        executeChain = []
        protected = []
        changeable = []
        nameservers = question.wantsNameservers ? ResolverConfiguration.nameservers() : nil
        descriptorCount = 0
        for index in question.written where findings.indices.contains(index) {
            guard case .found(let facts) = findings[index] else { continue }
            let existing = ProtectedFiles.existing(reachedBy: facts.resolved, home: question.home)
            protected += existing.paths
            changeable += existing.changeable
        }
        do throws(Refusal) {
            if let command = question.command { chain = try ExecutableChain.of(command, keeping: &descriptors).links }
            for index in question.executed where findings.indices.contains(index) {
                guard case .found(let facts) = findings[index], facts.kind == .file else { continue }
                executeChain += try ExecutableChain.of(facts.resolved, keeping: &descriptors).links.dropFirst()
            }
        } catch {
            commandReason = error.reasons.first
        }
        descriptorCount = descriptors.count
    }
}

extension PathAnswer {
    var json: JSON {
        [
            "findings": .array(findings.map(\.json)), "chain": .array(chain.map(\.json)), "executeChain": .array(executeChain.map(\.json)),
            "reason": commandReason.map {
                [
                    "code": .string($0.code.rawValue),
                    "facts": .object(JSONObject($0.facts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
                ]
            } ?? .null,
            "protected": .array(protected.map { .string($0) }), "changeable": .array(changeable.map { .string($0) }),
            "descriptors": JSON(descriptorCount),
            "nameservers": nameservers?.json ?? .null,
        ]
    }

    init?(json: JSON) {
        guard let findings = json["findings"]?.array?.all(PathFinding.init(json:)),
            let chain = json["chain"]?.array?.all(ExecutableChain.Link.init(json:)),
            let executeChain = json["executeChain"]?.array?.all(ExecutableChain.Link.init(json:)),
            let protected = json["protected"]?.array?.all(\.string), let changeable = json["changeable"]?.array?.all(\.string),
            let count = json["descriptors"]?.int64, (0...4_096).contains(count),
            let reason = json["reason"], let nameservers = json["nameservers"]
        else { return nil }
        self.findings = findings
        self.chain = chain
        self.executeChain = executeChain
        self.protected = protected
        self.changeable = changeable
        descriptorCount = Int(count)
        if nameservers != .null {
            guard let found = FoundNameservers(json: nameservers) else { return nil }
            self.nameservers = found
        }
        if reason != .null {
            guard let code = reason["code"]?.string.flatMap(ReasonCode.init(rawValue:)), let facts = reason["facts"]?.object else {
                return nil
            }
            let pairs = facts.members.map { ($0.name, $0.value.string ?? "") }
            commandReason = Reason(code, Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
        }
    }
}

extension ExecutableChain.Link {
    var json: JSON { ["role": .string(role.rawValue), "facts": facts.json] }

    init?(json: JSON) {
        guard let role = json["role"]?.string.flatMap(ExecutableChain.Role.init(rawValue:)),
            let facts = json["facts"].flatMap(PathFacts.init(json:))
        else { return nil }
        self.init(role: role, facts: facts)
    }
}
