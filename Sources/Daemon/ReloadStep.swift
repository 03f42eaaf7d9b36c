/// A step of a reload, in order; from `gate` on once for each session.
package enum ReloadStep: String, Sendable, Hashable, CaseIterable {
    /// It is known what becomes of each session; nothing is changed.
    case decided
    /// It is written down.
    case written
    case gate, kernel, flows, record
}
