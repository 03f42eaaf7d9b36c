public import StrictJSON

/// Who may start sessions with a daemon.
public struct Starters: Sendable, Hashable {
    public enum Who: String, Sendable, Hashable, CaseIterable {
        /// Whoever reaches the socket: the host has no such group.
        case anybody
        /// Of the group.
        case members
        /// The user whose private daemon it is.
        case owner
        /// Root alone: the group cannot be looked up.
        case unknown
    }

    public var who: Who
    public var group: String

    public init(who: Who, group: String) {
        self.who = who
        self.group = group
    }

    public var json: JSON { ["who": .string(who.rawValue), "group": .string(group)] }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let who = json?["who"]?.string.flatMap(Who.init(rawValue:)), let group = json?["group"]?.string else { return nil }
        self.init(who: who, group: group)
    }
}
