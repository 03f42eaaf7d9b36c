/// What receipts of a log are counted as, where a control is supported by them. Raw values stand in JSON.
enum EvidenceItem: String, Sendable, Hashable, CaseIterable {
    case receipts, signed, launches, programs, clients, selfTests, refusals, exits
    case decisions, forwarded, blocked, held, granted, deniedByPerson
    case commitments, redactions, outcomes
    case toolBlocks, ruleBlocks, spentBlocks, messageBlocks, malformedBlocks, definitionBlocks
    case kernelDenials, networkDenials, fileDenials, executionDenials, ascribedDenials
    case drifts, violations, limitsReached

    /// After a number.
    var noun: String {
        switch self {
        case .receipts: "receipts, numbered without gaps"
        case .signed: "receipts under signed checkpoints"
        case .launches: "sessions started under a named policy and plan"
        case .programs: "executables and scripts with SHA-256, as they were started"
        case .clients: "sessions with the client's uid and pid"
        case .selfTests: "forbidden and permitted acts tried before a server ran"
        case .refusals: "refused policies"
        case .exits: "ends of sessions, with their status"
        case .decisions: "decisions"
        case .forwarded: "messages forwarded by a named rule"
        case .blocked: "messages blocked"
        case .held: "messages held for a person"
        case .granted: "grants by a person, each used once"
        case .deniedByPerson: "held messages that a person denied"
        case .commitments: "keyed commitments to arguments"
        case .redactions: "values masked before the server saw them"
        case .outcomes: "outcomes bound to their decisions"
        case .toolBlocks: "tool calls that no rule allowed"
        case .ruleBlocks: "messages that a rule denied"
        case .spentBlocks: "calls beyond a limit or budget"
        case .messageBlocks: "messages of a kind, or to a name, that the policy denies"
        case .malformedBlocks: "malformed or ambiguous messages blocked"
        case .definitionBlocks: "uses of changed or unreviewed definitions blocked"
        case .kernelDenials: "acts that the kernel stopped"
        case .networkDenials: "connections and datagrams that the kernel stopped"
        case .fileDenials: "file accesses that the kernel stopped"
        case .executionDenials: "executions that the kernel stopped"
        case .ascribedDenials: "kernel denials ascribed to one call (inferred)"
        case .drifts: "definitions that differ from the accepted ones"
        case .violations: "violations of the protocol between gate and daemon"
        case .limitsReached: "sessions that reached a limit on tasks, memory or CPU"
        }
    }
}
