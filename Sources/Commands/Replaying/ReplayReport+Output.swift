import StrictJSON

extension ReplayReport {
    /// For people.
    func text(_ style: Style) -> String {
        var lines = differences.map { Self.line($0, style) }
        if different > UInt64(differences.count) { lines.append("… and \(different - UInt64(differences.count)) more that differ") }
        if !lines.isEmpty { lines.append("") }
        let head = "\(Escaping.line(policy)) for \(Self.count(calls, "recorded call")) of \(Self.count(UInt64(sessions), "session")):"
        lines.append(
            style(different == 0 ? .good : .error, head) + " \(same) as then, \(different) otherwise, \(unjudgedCalls) cannot be judged")
        for (kind, count) in sortedUnjudged {
            let rules = kind.rules.map(\.words).joined(separator: ", ")
            lines.append(
                "  \(Self.count(count, "call")) of \(Escaping.quoted(kind.tool)): \(Self.words(kind.why)); they matter to \(rules)")
        }
        if moreUnjudged > 0 { lines.append("  \(moreUnjudged) more of further kinds") }
        for (reason, count) in notByRules.sorted(by: { $0.key < $1.key }) {
            let title = CodePages.page(reason)?.title ?? "another reason"
            lines.append(
                "  \(Self.count(count, "call")) that no rule blocked then, and none would let through: \(title) (\(Escaping.line(reason)))")
        }
        if others > 0 { lines.append("  \(Self.count(others, "other message")): only calls are judged again") }
        if foreign > 0 {
            lines.append("  \(Self.count(foreign, "line")) that are no receipts: `sandboxctl receipts verify` says what is wrong")
        }
        lines.append("Limits, budgets and pins are not replayed: each call is the first of a session.")
        return lines.map { $0 + "\n" }.joined()
    }

    private static func line(_ replayed: ReplayedCall, _ style: Style) -> String {
        let call = replayed.call
        let before = call.outcome
        let by = before.rule.map { " (\(before.layer.map { "layer \(Escaping.quoted($0)), " } ?? "")\(Escaping.quoted($0)))" } ?? ""
        let server = call.server.map { " \(Escaping.line($0))" } ?? ""
        let now = replayed.nowWords.joined(separator: " or ")
        let rules = replayed.rules.map(\.words).joined(separator: ", ")
        let place = rules.isEmpty ? "" : " [\(rules)]"
        return "#\(call.number) \(call.time)\(server) \(Escaping.quoted(call.tool)): \(Escaping.line(before.word))\(by) "
            + style(.strong, "→ \(now)") + (replayed.text.map { ": \($0)" } ?? "") + place
    }

    private static func words(_ why: String) -> String {
        switch RecordedCall.Unknown(rawValue: why) {
        case .notKept?: "the arguments were not kept"
        case .masked?: "some of the arguments were masked before they were kept"
        case .missing?: "the arguments that were kept are not there"
        case nil: "the arguments are not known"
        }
    }

    static func count(_ number: UInt64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// For programs.
    var json: JSON {
        [
            "policy": .string(policy), "receipts": .string(receipts), "calls": JSON(Int(clamping: calls)), "sessions": JSON(sessions),
            "same": JSON(Int(clamping: same)), "different": JSON(Int(clamping: different)), "unjudged": JSON(Int(clamping: unjudgedCalls)),
            "differences": .array(differences.map(\.json)),
            "cannotBeJudged": .array(
                sortedUnjudged.map { kind, count in
                    [
                        "tool": .string(kind.tool), "arguments": .string(kind.why), "calls": JSON(Int(clamping: count)),
                        "rules": .array(kind.rules.map(\.json)),
                    ]
                }),
            "notByRules": .array(
                notByRules.sorted { $0.key < $1.key }.map { ["reason": .string($0.key), "calls": JSON(Int(clamping: $0.value))] }),
            "otherMessages": JSON(Int(clamping: others)), "foreignLines": JSON(Int(clamping: foreign)),
        ]
    }
}

extension ReplayedCall {
    /// What may become of it, where that differs.
    fileprivate var nowWords: [String] { if case .different(let words) = verdict { words } else { [] } }

    fileprivate var json: JSON {
        [
            "receipt": JSON(Int(clamping: call.number)), "time": .string(call.time), "session": .string(call.session),
            "server": call.server.map(JSON.string) ?? .null, "tool": .string(call.tool),
            "before": [
                "decision": .string(call.outcome.word), "rule": call.outcome.rule.map(JSON.string) ?? .null,
                "layer": call.outcome.layer.map(JSON.string) ?? .null, "reason": call.outcome.reason.map(JSON.string) ?? .null,
            ],
            "after": [
                "decisions": .array(nowWords.map(JSON.string)), "rules": .array(rules.map(\.json)), "text": text.map(JSON.string) ?? .null,
            ],
        ]
    }
}
