import Evidence

/// The parts of a report, in their order.
enum ReportSections {
    private static let most = 20
    private static let mostRows = 50

    /// What does not verify; none where all does.
    static func findings(_ subject: ReportSubject) -> [ReportSection] {
        guard !subject.isGood else { return [] }
        let changed: [[ReportCell]] =
            subject.isUnchanged ? [] : [[.text("changed"), .text("the log was not the same when it was read again for this report")]]
        let rows = subject.verification.findings.prefix(mostRows).map { finding -> [ReportCell] in
            [.text(FindingWords(finding.problem).code), .foreign(finding.text)]
        }
        let omitted = subject.verification.findings.count + subject.verification.findingsOmitted - rows.count
        return [
            ReportSection(
                "findings", "What does not verify", "Found by the same verification as `sandboxctl receipts verify`.",
                ReportTable(
                    [ReportColumn("code", "code"), ReportColumn("finding", "finding")], changed + rows,
                    note: omitted > 0 ? "\(omitted) more are not shown" : nil))
        ]
    }

    static func counted(_ figures: ReportFigures) -> [ReportSection] {
        [
            servers(figures), timeline(figures.timeline), denials(figures.denials), refusals(figures.refusals),
            kernelDenials(figures.kernelDenials), connections(figures.connections), outcomes(figures), drifts(figures.drifts),
            events(figures), policies(figures.policies),
        ]
    }

    private static func servers(_ figures: ReportFigures) -> ReportSection {
        var rows = figures.servers.all.prefix(100).map { row(.foreign($0.name), $0.counts) }
        let hidden = figures.servers.all.count - rows.count
        if figures.servers.hasRest { rows.append(row(.text("(all others)"), figures.servers.rest)) }
        return ReportSection(
            "servers", "Servers", "By the names that they were given when they were started.",
            ReportTable(
                [
                    ReportColumn("server", "server"), ReportColumn("sessions", "sessions"), ReportColumn("forward", "forwarded"),
                    ReportColumn("hold", "held"), ReportColumn("block", "blocked"), ReportColumn("kernel", "kernel denials"),
                    ReportColumn("refusals", "refusals"),
                ], rows, note: hidden > 0 ? "\(hidden) more are not shown" : nil))
    }

    private static func row(_ name: ReportCell, _ counts: ServerCounts) -> [ReportCell] {
        [
            name, .count(counts.sessions), .count(counts.forwarded), .count(counts.held), .count(counts.blocked),
            .count(counts.kernelDenials),
            .count(counts.refusals),
        ]
    }

    private static func timeline(_ timeline: DecisionTimeline) -> ReportSection {
        let rows = timeline.all.filter { $0.counts.total > 0 }.map { step -> [ReportCell] in
            [
                .text(DecisionTimeline.label(step.begin, length: timeline.length)), .count(step.counts.forward), .count(step.counts.hold),
                .count(step.counts.block),
            ]
        }
        return ReportSection(
            "timeline", "Decisions over time",
            "What the gates did with messages, in steps of \(Duration.words(seconds: timeline.length)), UTC.",
            chart: .timeline(timeline),
            ReportTable(
                [
                    ReportColumn("time", "from"), ReportColumn("forward", "forwarded"), ReportColumn("hold", "held"),
                    ReportColumn("block", "blocked"),
                ], rows, note: "steps without a decision are left out"))
    }

    private static func denials(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(most)
        let rows = entries.map { entry -> [ReportCell] in
            [
                .foreign(entry.parts[1]), .foreign(entry.parts[0]), .foreign(entry.parts[2]),
                CodePages.page(entry.parts[2]).map { .text($0.title) } ?? .none, entry.parts[3].isEmpty ? .none : .foreign(entry.parts[3]),
                .count(entry.count),
            ]
        }
        return ReportSection(
            "denials", "Top denials", "Messages that the gates blocked, most frequent first.", chart: .bars(names: [0, 1, 2], count: 5),
            ReportTable(
                [
                    ReportColumn("what", "tool or message"), ReportColumn("server", "server"), ReportColumn("code", "code"),
                    ReportColumn("reason", "reason"), ReportColumn("by", "by"), ReportColumn("count", "times"),
                ], rows, note: note(tally, entries)))
    }

    private static func refusals(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(mostRows)
        let rows = entries.map { entry -> [ReportCell] in
            [.foreign(entry.parts[0]), CodePages.page(entry.parts[0]).map { .text($0.title) } ?? .none, .count(entry.count)]
        }
        return ReportSection(
            "refusals", "Refusals by reason", "Policies that could not be enforced exactly: nothing ran. One may have several reasons.",
            chart: .bars(names: [0, 1], count: 2),
            ReportTable(
                [ReportColumn("code", "code"), ReportColumn("reason", "reason"), ReportColumn("count", "times")], rows,
                note: note(tally, entries)))
    }

    private static func kernelDenials(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(most)
        let rows = entries.map { entry -> [ReportCell] in
            [
                .foreign(entry.parts[0]), .foreign(entry.parts[1]), .foreign(entry.parts[2]),
                entry.parts[3].isEmpty ? .none : .foreign(entry.parts[3]), .count(entry.count),
            ]
        }
        return ReportSection(
            "kernel-denials", "Kernel denials by destination", "Acts of servers that the kernel stopped, by where they went.",
            chart: .bars(names: [0], count: 4),
            ReportTable(
                [
                    ReportColumn("destination", "destination"), ReportColumn("act", "act"), ReportColumn("server", "server"),
                    ReportColumn("mechanism", "mechanism"), ReportColumn("count", "times"),
                ], rows, note: note(tally, entries)))
    }

    private static func connections(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(most)
        let rows = entries.map { entry -> [ReportCell] in
            [
                .foreign(entry.parts[0]), entry.parts[1].isEmpty ? .text("connected") : .foreign("refused: " + entry.parts[1]),
                .foreign(entry.parts[2]), .count(entry.count),
            ]
        }
        return ReportSection(
            "connections", "Connections by name",
            "What name proxies connected to, and what they refused. The server behind a name can front for another.",
            ReportTable(
                [
                    ReportColumn("name", "name"), ReportColumn("state", "what became of it"), ReportColumn("server", "server"),
                    ReportColumn("count", "times"),
                ], rows, note: note(tally, entries)))
    }

    private static func outcomes(_ figures: ReportFigures) -> ReportSection {
        let entries = figures.outcomes.top(most)
        return ReportSection(
            "outcomes", "Outcomes", "What came back for messages that were forwarded. That something was done is the server's word.",
            ReportTable(
                [ReportColumn("status", "status"), ReportColumn("count", "times")],
                entries.map { [.foreign($0.parts[0]), .count($0.count)] },
                note: entries.isEmpty ? nil : "the longest took \(Duration.words(microseconds: figures.longest))"))
    }

    private static func drifts(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(mostRows)
        return ReportSection(
            "drifts", "Changed definitions", "What servers say of their tools and other things, where it is not what was accepted.",
            ReportTable(
                [
                    ReportColumn("server", "server"), ReportColumn("kind", "kind"), ReportColumn("name", "name"),
                    ReportColumn("code", "code"),
                    ReportColumn("count", "times"),
                ], entries.map { $0.parts.map { .foreign($0) } + [.count($0.count)] }, note: note(tally, entries)))
    }

    private static func events(_ figures: ReportFigures) -> ReportSection {
        let ended = figures.endings.top(mostRows).map { entry -> [ReportCell] in
            [.text("session ended"), .foreign("first: \(entry.parts[0]); server: \(entry.parts[1])"), .count(entry.count)]
        }
        let entries = figures.events.top(mostRows)
        let events = entries.map { entry -> [ReportCell] in
            [.foreign(entry.parts[0]), entry.parts[1].isEmpty ? .none : .foreign(entry.parts[1]), .count(entry.count)]
        }
        return ReportSection(
            "events", "Sessions and the log itself", "How sessions ended, and what the daemon recorded of itself and its log.",
            ReportTable(
                [ReportColumn("event", "event"), ReportColumn("detail", "detail"), ReportColumn("count", "times")], ended + events,
                note: note(figures.events, entries)))
    }

    private static func policies(_ tally: BoundedTally) -> ReportSection {
        let entries = tally.top(mostRows)
        return ReportSection(
            "policies", "Policies and plans",
            "SHA-256 of what the sessions ran under. `sandboxctl receipts policy DIGEST` prints what is kept.",
            ReportTable(
                [
                    ReportColumn("server", "server"), ReportColumn("policy", "policy"), ReportColumn("plan", "plan"),
                    ReportColumn("host", "host profile"), ReportColumn("sessions", "sessions"),
                ], entries.map { $0.parts.map { $0.isEmpty ? .none : .foreign($0) } + [.count($0.count)] }, note: note(tally, entries)))
    }

    /// What is not shown, and whether what is shown is all.
    private static func note(_ tally: BoundedTally, _ shown: [BoundedTally.Entry]) -> String? {
        var parts: [String] = []
        let rest = tally.total - shown.reduce(0) { $0 &+ $1.count }
        if rest > 0 { parts.append("\(rest) more of \(tally.isExact ? "\(tally.names - shown.count)" : "many") other kinds are not shown") }
        if !tally.isExact { parts.append("there were too many kinds to count each: the counts shown are at least so many") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
