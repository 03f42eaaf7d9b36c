public import Policy

/// What a second policy permits that a first does not, and conversely: computed on the sets that they denote, not on their texts.
/// Of rules over calls only what is written is compared, id by id.
public struct PolicyDifference: Sendable, Hashable {
    /// In the order of the grammar.
    public let changes: [PolicyChange]

    /// Both permit the same.
    public var isEmpty: Bool { changes.isEmpty }

    public init(from first: ResolvedPolicy, to second: ResolvedPolicy) {
        changes =
            Self.settings(first, second) + Self.rules(first.policy.tools, second.policy.tools) + Self.messages(first, second)
            + Self.network(first, second) + Self.files(first, second) + Self.processes(first, second)
    }
}

/// A policy and what was found for it: together they say what is permitted.
public struct ResolvedPolicy: Sendable, Hashable {
    public var policy: Policy
    public var launch: LaunchFacts

    public init(_ policy: Policy, launching launch: LaunchFacts) {
        self.policy = policy
        self.launch = launch
    }
}

extension PolicyDifference {
    /// Both directions of one kind of part.
    static func both(_ parts: (ResolvedPolicy, ResolvedPolicy) -> [PermittedPart], _ first: ResolvedPolicy, _ second: ResolvedPolicy)
        -> [PolicyChange]
    {
        parts(first, second).map { .permits($0) } + parts(second, first).map { .withholds($0) }
    }
}
