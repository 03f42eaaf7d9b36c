public import Policy

/// One way in which a policy differs from another in what it permits.
public enum PolicyChange: Sendable, Hashable {
    /// The second permits it, the first does not.
    case permits(PermittedPart)
    /// The first permits it, the second does not.
    case withholds(PermittedPart)
    /// A limit is set, lifted or moved; `nil` is no limit.
    case limit(ResourceLimit, from: Int?, to: Int?)
    case rule(id: String, RuleChange)
    case toolDefault(from: Effect, to: Effect)
    /// What is neither wider nor narrower; `nil` where it is not said.
    case setting(PolicySetting, from: String?, to: String?)
}

/// A part of what a policy permits.
public enum PermittedPart: Sendable, Hashable {
    case endpoints(EndpointAct, EndpointPart)
    /// By the name proxy.
    case names(NamePart)
    case paths(PathAct, PathPart)
    case messages(MessageKind, ToolPattern)
    /// What a person permits each time.
    case asked(MessageKind)
    /// The same without a person.
    case unasked(MessageKind)
    /// A variable of the caller's environment, by name.
    case variable(String)
    case grant(PlainGrant)
}

public enum EndpointAct: String, Sendable, Hashable, CaseIterable { case connectTCP, sendUDP, listenTCP }

public enum PathAct: String, Sendable, Hashable, CaseIterable { case read, list, write, execute, connectUnix }

/// What is granted whole or not at all.
public enum PlainGrant: String, Sendable, Hashable, CaseIterable {
    case anyUnixSocket, ownedMetadata, protectedFiles, temporaryFiles, processFiles, processes
}

public enum ResourceLimit: String, Sendable, Hashable, CaseIterable { case tasks, memory, cpu }

public enum PolicySetting: String, Sendable, Hashable, CaseIterable {
    case command, cwd, user, environment, pins, evidenceArguments, evidenceDurability, evidenceKeep, approvers, grantTime, waitTime
}

/// What became of a rule, by its id.
public enum RuleChange: Sendable, Hashable {
    case added(Rule)
    case removed(Rule)
    /// The fields that differ; never empty.
    case changed(from: Rule, to: Rule, [RuleField])
}

public enum RuleField: String, Sendable, Hashable, CaseIterable {
    case tools, effect, arguments, when, limit, budget, redact, reason, labels, hidden
}
