/// What processes the server may make.
public struct ProcessesClause: Sendable, Hashable {
    public enum Spawn: String, Sendable, Hashable, CaseIterable {
        /// Threads only.
        case none
        case any
    }

    public var spawn: Spawn

    public init(spawn: Spawn = .none) { self.spawn = spawn }
}
