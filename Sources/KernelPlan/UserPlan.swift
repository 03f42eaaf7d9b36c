/// Who the server is to the kernel. Never uid 0.
public enum UserPlan: Sendable, Hashable {
    /// A uid of the session's own, chosen at launch; its only group is its own.
    case session
    case caller(uid: UInt32, gid: UInt32, groups: [UInt32])
}
