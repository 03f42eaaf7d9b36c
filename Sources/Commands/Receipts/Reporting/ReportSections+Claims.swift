import Evidence

extension ReportSections {
    static func claims(_ claims: [Claim]) -> ReportSection {
        ReportSection(
            "claims", "What this record shows, and how it knows",
            "Observed: the kernel, the gate or the daemon saw it. Inferred: held to be so by the rule that is named. Reported: the server, the agent or "
                + "the client said so. Absent: not recorded.",
            ReportTable(
                [
                    ReportColumn("level", "level"), ReportColumn("id", "claim"), ReportColumn("count", "times"),
                    ReportColumn("statement", "of what"),
                    ReportColumn("source", "from"),
                ], claims.map { [.level($0.level), .foreign($0.id), .count($0.count), .text($0.statement), .text($0.source)] }))
    }

    static func limits(_ subject: ReportSubject) -> ReportSection {
        ReportSection(
            "limits", "What this record does not show", "However well it verifies.",
            ReportTable([ReportColumn("limit", "not shown")], limits(of: subject).map { [.text($0)] }))
    }

    private static func limits(of subject: ReportSubject) -> [String] {
        var limits: [String] = []
        if subject.verification.custodies.contains(.user) {
            limits.append("that nobody made it up: whoever holds the account of the user who kept it could have written all of it")
        }
        if !subject.verification.isKeyGiven {
            limits.append("whose log it is: the key was found beside it, and was not compared with one kept elsewhere")
        }
        return limits + [
            "that the policy is right: it shows what was enforced, not what should have been",
            "what a permitted call did in the world: the server's answer is its own word",
            "what was said in arguments and results, beyond commitments and digests",
            "what the model was told, and why it called a tool",
            "what a server did that its policy permits: only what the kernel stopped is recorded",
            "servers that were started without sandboxd, and anything before the first receipt or after the last",
            "the true time: each receipt has the time of the host's clock, which may be set",
            "that no other log was kept and thrown away: only a checkpoint that was kept elsewhere shows that",
        ]
    }

    static func controls(_ evidence: EvidenceCounts) -> [ReportSection] {
        ControlMap.frameworks.map { framework in
            ReportSection(
                framework.id, "Supports: \(framework.title)",
                "Receipts of this log support what is listed; whether a requirement is met is for others to judge. " + framework.note,
                ReportTable(
                    [
                        ReportColumn("id", "control"), ReportColumn("title", "title"), ReportColumn("support", "supported by"),
                        ReportColumn("open", "not covered"),
                    ], framework.controls.map { [.text($0.id), .text($0.title), .text(support($0, evidence)), .text($0.open)] }))
        }
    }

    private static func support(_ control: Control, _ evidence: EvidenceCounts) -> String {
        let found = control.support.filter { evidence[$0] > 0 }.map { "\(evidence[$0]) \($0.noun)" }
        return found.isEmpty ? "no evidence in this log" : found.joined(separator: "; ")
    }
}
