/// What the kernel counted of a session's denials, held against what the gate told.
///
/// The order of reading matters while the session lives: counters, then the ring buffer, then the spool. What was counted lies in the ring
/// until its receipt is in the spool, so that it is found in one of them.
struct DenialAccount: Sendable, Hashable {
    /// What the programs counted.
    var denied: UInt64
    /// Of these, what found the ring buffer full.
    var lost: UInt64
    /// What lies in the ring buffer and was not given back.
    var waiting: UInt64
    /// What the spool tells.
    var told: UInt64

    /// Denials that neither ring nor spool has: the gate kept them to itself.
    var hidden: UInt64 { subtract(denied, known) }

    /// Statements of denials that the kernel did not count.
    var invented: UInt64 {
        // A gate that died after it told and before it gave the room back left these in the ring.
        subtract(subtract(known, denied), waiting)
    }

    private var known: UInt64 { [lost, waiting, told].reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 } }

    private func subtract(_ left: UInt64, _ right: UInt64) -> UInt64 { left - min(left, right) }
}
