import Evidence

/// The bounded claims of a report: each with what it is worth and where it comes from. Only what this log gives reason to say.
struct ReportClaims {
    private let figures: ReportFigures
    private let subject: ReportSubject
    private var evidence: EvidenceCounts { figures.evidence }
    private var facts: ClaimFacts { figures.facts }

    init(_ figures: ReportFigures, _ subject: ReportSubject) {
        self.figures = figures
        self.subject = subject
    }

    var all: [Claim] {
        let claims = observed + clauses(.observed) + inferred + reported + absent + clauses(.absent)
        return claims.filter { $0.count > 0 }
    }

    private var observed: [Claim] {
        [
            Claim(
                .observed, "decisions", evidence[.decisions] + evidence[.held],
                "messages that the gate read, decided and wrote down before it acted on them", source: "decision, hold: the session's gate"),
            Claim(
                .observed, "commitments", evidence[.commitments], "arguments that a content can be held against later",
                source: "decision, hold: keyed commitment by the gate"),
            Claim(
                .observed, "launches", evidence[.launches], "sessions whose server ran under the plan that its receipts name",
                source: "launch: the daemon, which read back what it had applied"),
            Claim(
                .observed, "programs", evidence[.programs], "executables and scripts, by their SHA-256 as they were started",
                source: "launch: the daemon, which read them"),
            Claim(
                .observed, "documents", subject.documents.kept, "policies, plans and host profiles that are what their digests say",
                source: "documents kept with the receipts: SHA-256"),
            Claim(
                .observed, "self-tests", evidence[.selfTests], "acts that were tried before a server ran, and came out as planned",
                source: "launch: a throw-away child of the daemon, confined like the server"),
            Claim(
                .observed, "clients", evidence[.clients], "sessions with the uid and pid of whoever asked",
                source: "launch: the kernel's word to the daemon (SO_PEERCRED)"),
            Claim(.observed, "refusals", evidence[.refusals], "policies that were refused; nothing ran", source: "refusal: the daemon"),
            Claim(
                .observed, "kernel-denials", evidence[.kernelDenials], "acts of servers that the kernel stopped",
                source: "kernel-denial: the session's BPF programs, or Landlock's audit records"),
            Claim(
                .observed, "grants", facts.identifiedApprovers, "approvals by users whom the daemon identified",
                source: "grant: the kernel's word to the daemon (SO_PEERCRED)"),
            Claim(
                .observed, "drift", evidence[.drifts], "definitions that differ from those that were accepted",
                source: "drift: digests compared by the gate"),
            Claim(
                .observed, "endings", evidence[.exits], "sessions of which it is known how they ended",
                source: "exit: the keeper, by waitid(2)"),
        ]
    }

    private func clauses(_ level: ClaimLevel) -> [Claim] {
        facts.clauses.sorted { $0.key < $1.key }.map { name, clause in
            level == .observed
                ? Claim(
                    .observed, "denials-of/\(name)", clause.observed, "sessions in which what this clause denies is recorded",
                    source: "launch: the plan")
                : Claim(
                    .absent, "denials-of/\(name)", clause.absent,
                    "sessions in which this clause is enforced, and what it denies is not recorded", source: "launch: the plan")
        }
    }

    private var inferred: [Claim] {
        [
            Claim(
                .inferred, "attribution", evidence[.ascribedDenials], "kernel denials held to belong to one call",
                source: "kernel-denial: the rule “only call in flight”"),
            Claim(
                .inferred, "causes", facts.inferredCauses, "ends of sessions with a cause that is held to be the reason",
                source: "exit: SIGKILL, and a memory limit that was reached"),
        ]
    }

    private var reported: [Claim] {
        [
            Claim(
                .reported, "outcomes", evidence[.outcomes], "answers: that something was done is the server's word",
                source: "outcome: digest, status and time by the gate; what the answer says by the server"),
            Claim(
                .reported, "names", evidence[.launches] + evidence[.refusals],
                "sessions whose server's and program's names are as the client gave them", source: "launch, refusal: the client"),
            Claim(
                .reported, "client-replies", facts.clientReplies, "held messages that the client says its user decided",
                source: "hold: an elicitation that the client answered"),
            Claim(.reported, "task-states", facts.taskEnds, "tasks whose state is the server's word", source: "outcome: the server"),
        ]
    }

    private var absent: [Claim] {
        [
            Claim(
                .absent, "signatures", subject.verification.pending,
                "receipts that no checkpoint signs yet: a change of them would not be found",
                source: "checkpoints of the log"),
            Claim(
                .absent, "receipts", subject.missing, "receipts that retention removed, or the bundle leaves out: their hashes are here",
                source: "the log's tree"),
            Claim(
                .absent, "documents", subject.documents.absent, "policies, plans and host profiles of which only the digests are here",
                source: "documents kept with the receipts, missing"),
            Claim(
                .absent, "answers", facts.unanswered, "forwarded calls without an outcome in this record", source: "outcome, missing"),
            Claim(
                .absent, "ends", facts.begun > evidence[.exits] ? facts.begun - evidence[.exits] : 0,
                "sessions whose end is not in this record", source: "exit, missing"),
            Claim(
                .absent, "contents", evidence[.decisions] + evidence[.outcomes],
                "arguments and results: there are commitments and digests, not the contents", source: "decision, outcome"),
            Claim(
                .absent, "commitments", facts.withoutCommitment, "tool calls without a commitment to their arguments", source: "decision"),
            Claim(
                .absent, "lost-denials", facts.lostDenials, "acts that the kernel stopped and of which no record came",
                source: "kernel-denial: counters of the session's programs"),
            Claim(
                .absent, "uncounted-denials", facts.uncounted + facts.unreadableRings,
                "statements that from there on denials of a session are not told, or not all", source: "lifecycle, kernel-denial"),
            Claim(
                .absent, "untried", facts.untried, "acts that the self-test could not try: they rest on the plan alone", source: "launch"),
        ]
    }
}
