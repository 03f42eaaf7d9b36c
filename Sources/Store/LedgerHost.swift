/// A host, where several share a refusals ledger: what a policy is refused for here says nothing of another host.
public struct LedgerHost: Sendable, Hashable {
    /// As people call it.
    public var name: String
    /// What tells it from another of the same name: `/etc/machine-id`, empty where there is none. It is not kept.
    public var machine: String

    public init(name: String, machine: String) {
        self.name = name
        self.machine = machine
    }
}
