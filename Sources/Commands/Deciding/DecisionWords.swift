import Decision
import Policy

/// Decisions in words.
enum DecisionWords {
    /// What decided: `rule `save``, or the default, of the policy or of a layer.
    static func document(_ rule: RuleID) -> String {
        let layer = rule.layer.map { " of layer \(Escaping.quoted($0))" } ?? ""
        return rule.name.map { "rule \(Escaping.quoted($0))" + layer } ?? "the default" + (layer.isEmpty ? " of the policy" : layer)
    }

    /// Why a call is blocked.
    static func words(_ reason: BlockReason, tool: String, mayMatter: Bool) -> String {
        switch reason {
        case .noRuleApplies(let layer):
            "no rule\(layer.map { " of layer \(Escaping.quoted($0))" } ?? "") allows \(Escaping.quoted(tool))"
                + (mayMatter ? " with these arguments" : "")
        case .deniedByRule(let rule, let why): "\(document(rule)) denies it" + (why.map { ": \(Escaping.line($0))" } ?? "")
        case .cannotAsk(let rule): "\(document(rule)) asks a person first"
        case .inexactNumber(let token): "the number \(Escaping.line(token)) is not read alike by all programs; send it as a string"
        case .badToolName: "a tool name is 1 to 128 characters of A-Z, a-z, 0-9, `_`, `.` and `-`"
        case .limitSpent(let rule, let limit): "\(document(rule)) forwards \(limit.calls) calls per \(limit.per.rawValue)"
        case .budgetSpent(let rule, let budget): "it takes more than the whole budget \(Escaping.quoted(budget)) of \(document(rule))"
        case .badAmount(let rule, let budget, let pointer):
            "the budget \(Escaping.quoted(budget)) of \(document(rule)) is charged with \(Escaping.quoted(pointer)), which is no exact number of 0 or more"
        case .ambiguousRedaction(let pointer):
            "\(Escaping.quoted(pointer)) is to be masked, and programs disagree about which value that is"
        case .deniedByPerson(let rule, _, _), .awaitsApproval(let rule, _), .approvalExpired(let rule), .tooLargeToAsk(let rule):
            "\(document(rule)) asks a person first"
        case .questionClosed, .daemonAbsent, .storeUnavailable, .takenBack, .driftedDefinition, .unreviewedDefinition, .oversizedDefinition,
            .kindDenied, .nameDenied, .unknownRound, .notDeclared, .badAddress, .unknownTask, .unaskedTask, .taskIDInUse, .methodDenied,
            .methodUnknown, .notJSON, .lineTooLong, .notMessage, .batch, .badID, .idInUse, .tokenInUse,
            .badParameters,
            .unexpectedResponse, .unexpectedNotification, .wrongSide, .unterminatedLine, .unknownVersion, .evidenceUnavailable,
            .evidenceFull, .evidenceLost, .evidenceBehind, .policySuperseded, .serverEnded,
            .tooManyPending:
            CodePages.page(reason.code)?.title ?? reason.code
        }
    }

    static func words(_ truth: Truth) -> String {
        switch truth {
        case .true: "true"
        case .false: "false"
        case .unknown: "unknown"
        }
    }
}
