/// What the daemon measures, by the names that it has in the exposition format of Prometheus. Names are never given to other things.
enum Metric: String, Sendable, Hashable, CaseIterable {
    case build = "sandboxd_build_info"
    case started = "sandboxd_start_time_seconds"
    case sessions = "sandboxd_sessions"
    case connections = "sandboxd_control_connections"
    case launches = "sandboxd_launches_total"
    case launchDuration = "sandboxd_launch_duration_seconds"
    case refusals = "sandboxd_refusals_total"
    case decisions = "sandboxd_decisions_total"
    case decisionDuration = "sandboxd_decision_seconds"
    case blocks = "sandboxd_blocks_total"
    case callDuration = "sandboxd_call_duration_seconds"
    case kernelDenials = "sandboxd_kernel_denials_total"
    case lostEvents = "sandboxd_lost_events_total"
    case violations = "sandboxd_violations_total"
    case waiting = "sandboxd_waiting_calls"
    case oldestWait = "sandboxd_oldest_wait_seconds"
    case spentBudgets = "sandboxd_spent_budgets"
    case spoolLag = "sandboxd_spool_lag_bytes"
    case receipts = "sandboxd_receipts_total"
    case unsigned = "sandboxd_unsigned_receipts"
    case logWritable = "sandboxd_log_writable"

    enum Kind: String, Sendable { case counter, gauge, histogram }

    var kind: Kind {
        switch self {
        case .launches, .refusals, .decisions, .blocks, .kernelDenials, .lostEvents, .violations, .receipts: .counter
        case .launchDuration, .decisionDuration, .callDuration: .histogram
        case .build, .started, .sessions, .connections, .waiting, .oldestWait, .spentBudgets, .spoolLag, .unsigned, .logWritable: .gauge
        }
    }

    /// One line. Counters begin at nothing with each daemon.
    var help: String {
        switch self {
        case .build: "The version that runs."
        case .started: "When this daemon began, in seconds since 1970."
        case .sessions: "Sessions that are not over, by state."
        case .connections: "Open connections to the control socket."
        case .launches: "Sessions that were asked for, by what came of it."
        case .launchDuration: "From the request for a session to its running server."
        case .refusals: "Policies that were refused, by the code of each reason."
        case .decisions: "Decisions of gates that receipts state; hold: so often a person was asked."
        case .decisionDuration: "What gates themselves took for decisions, without waiting for anybody."
        case .blocks: "Blocked messages, by the code of the reason."
        case .callDuration: "From the decision about a call to its outcome, the server's own time included."
        case .kernelDenials: "Acts of servers that the kernel denied and receipts state, by what denied them."
        case .lostEvents: "Acts that the kernel denied and had no room to tell of."
        case .violations: "So often a gate broke its protocol, or hid something; its session was ended."
        case .waiting: "Calls that wait for a person."
        case .oldestWait: "For how long the oldest of them waits; 0 where none does."
        case .spentBudgets: "Budgets per day that had not enough left for a call today, as far as this daemon saw."
        case .spoolLag: "Bytes of the session whose spool is farthest ahead of the log; at 64 MiB its calls are blocked."
        case .receipts: "Receipts in the log."
        case .unsigned: "Receipts that no checkpoint covers yet."
        case .logWritable: "1 where the log takes receipts, else 0: then nothing is launched."
        }
    }
}
