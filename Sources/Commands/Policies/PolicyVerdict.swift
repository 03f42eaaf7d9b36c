import Policy
import StrictJSON

/// What `check` found for one policy on one host.
struct PolicyVerdict: Sendable {
    /// As the caller gave it.
    let file: String
    /// Nil when the policy is refused whatever the host.
    let host: HostChoice.Host?
    /// Empty: exact.
    let reasons: [Reason]

    var isExact: Bool { reasons.isEmpty }

    var json: JSON {
        [
            "file": .string(file), "host": host.map { .string($0.name) } ?? .null, "outcome": .string(isExact ? "exact" : "refused"),
            "reasons": .array(reasons.map(\.worded)),
        ]
    }

    func text(_ refusals: RefusalText) -> String {
        let place = host.map { " on \($0.isAsked ? "this host" : Escaping.line($0.name)) (\($0.origin))" } ?? ""
        if isExact { return "\(Escaping.line(file)): \(refusals.style(.good, "exact"))\(place)\n" }
        let count = "\(reasons.count) \(reasons.count == 1 ? "reason" : "reasons")"
        return refusals.text(reasons) + "\n\(Escaping.line(file)): \(refusals.style(.error, "refused"))\(place), \(count)\n"
    }
}

extension Reason {
    /// A reason with its sentences, as `check --format json` prints it.
    fileprivate var worded: JSON {
        let words = ReasonWords(self)
        return [
            "code": .string(code.rawValue), "line": location.map { JSON($0.line) } ?? .null,
            "column": location.map { JSON($0.column) } ?? .null,
            "message": .string(words.message), "help": words.help.map { .string($0) } ?? .null,
            "why": words.why.map { .string($0) } ?? .null,
            "file": location.map { .string($0.file) } ?? .null,
        ]
    }
}
