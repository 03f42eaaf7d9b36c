/// One signal that arrived (signalfd(2)).
public struct SignalNotice: Hashable, Sendable {
    public let signal: Int32
    /// Who sent it, where a process did.
    public let process: Int32
    public let user: UInt32
}
