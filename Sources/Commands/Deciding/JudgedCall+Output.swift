import Decision
import Policy
import StrictJSON

extension JudgedCall {
    /// For programs, one line.
    var json: JSON {
        var object = JSONObject([("tool", .string(tool)), ("decision", .string(word))])
        if let by {
            object["rule"] = .string(by.text)
            if let layer = by.layer { object["layer"] = .string(layer) }
        }
        if let reason { object["reason"] = .string(reason.code) }
        object["text"] = .string(text)
        if judgement?.isHidden == true { object["hidden"] = true }
        if let additions = judgement?.additions { add(additions, to: &object) }
        object["rules"] = .array(accounts.map(\.json))
        return .object(object)
    }

    private func add(_ additions: Additions, to object: inout JSONObject) {
        if !additions.redact.isEmpty { object["redacts"] = .array(additions.redact.map { .string($0.text) }) }
        if !additions.limits.isEmpty {
            object["limits"] = .array(
                additions.limits.map {
                    ["rule": .string($0.rule.text), "calls": JSON($0.limit.calls), "per": .string($0.limit.per.rawValue)]
                })
        }
        if !additions.charges.isEmpty {
            object["budgets"] = .array(
                additions.charges.map {
                    ["name": .string($0.name), "of": .string($0.of.text), "rule": .string($0.rule.text), "per": .string($0.per.rawValue)]
                })
        }
        if !additions.labels.isEmpty {
            object["labels"] = .array(additions.labels.map { ["name": .string($0.name), "value": .string($0.value)] })
        }
    }

    /// For people.
    func description(_ style: Style) -> String {
        let head = "\(style(isForwarded ? .good : .error, word)): \(text)"
        let code = reason.map { " (\($0.code))" } ?? ""
        var lines = [head + code]
        if let additions = judgement?.additions { lines += Self.lines(additions).map { "  " + $0 } }
        if judgement?.isHidden == true { lines.append("  the tool answers as if it did not exist") }
        let others = accounts.filter { $0.rule != by }
        if !others.isEmpty { lines.append("\(by?.name == nil ? "rules" : "other rules") of \(Escaping.quoted(tool)):") }
        for account in others { lines += account.lines.map { "  " + $0 } }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ additions: Additions) -> [String] {
        additions.redact.map { "masks \(Escaping.quoted($0.text)) before the server sees it" }
            + additions.limits.map {
                "counts one of \($0.limit.calls) calls per \($0.limit.per.rawValue) (\(DecisionWords.document($0.rule)))"
            }
            + additions.charges.map {
                "charges \(Escaping.quoted($0.of.text)) to the budget \(Escaping.quoted($0.name)) per \($0.per.rawValue)"
            }
            + additions.labels.map { "labels it \(Escaping.line($0.name)): \(Escaping.line($0.value))" }
    }
}

extension RuleAccount {
    fileprivate var json: JSON {
        var object = JSONObject([
            ("rule", .string(rule.text)), ("effect", .string(effect.rawValue)), ("applies", .bool(applies)),
            ("arguments", .string(DecisionWords.words(arguments))), ("when", .string(DecisionWords.words(when))),
        ])
        if let layer = rule.layer { object["layer"] = .string(layer) }
        if !parts.isEmpty {
            object["parts"] = .array(
                parts.map {
                    [
                        "text": .string(ConditionWords.words($0.operator, of: $0.argument)),
                        "truth": .string(DecisionWords.words($0.truth)),
                    ]
                })
        }
        return .object(object)
    }

    /// Why it applies, or does not.
    fileprivate var lines: [String] {
        let state = applies ? "applies, and is not the one that decides" : "does not apply"
        var lines = ["\(DecisionWords.document(rule)) (\(effect.rawValue)) \(state)"]
        if arguments != .true {
            lines.append(
                "  the arguments \(arguments == .false ? "do not fit its schema" : "fit its schema or not, depending on the reader")")
        }
        if when != .true {
            lines += parts.map { "  \(DecisionWords.words($0.truth)): \(ConditionWords.words($0.operator, of: $0.argument))" }
        }
        return lines
    }
}
