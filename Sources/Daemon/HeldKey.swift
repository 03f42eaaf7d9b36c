import Evidence
import Layers
import PolicyText

/// What tells, without reading what a session is held by, whether documents that a reload found are those.
struct HeldKey: Sendable, Hashable {
    /// The policy's name.
    let policy: String
    /// The caller's.
    let account: String?
    /// The policy's name in the directory of policies, where it is one of root's there.
    let managed: String?
    /// Of what can change under a session: its layers, and its policy where that is managed.
    let digest: Digest

    static func digest(_ texts: PolicyDirectory.Texts?, _ layers: [PolicySource]) -> Digest {
        ((texts.map { [$0.policy] + $0.includes } ?? []) + layers).digest
    }
}
