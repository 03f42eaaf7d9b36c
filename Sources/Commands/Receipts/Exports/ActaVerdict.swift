import Evidence
import StrictJSON

/// What became of acta receipts.
struct ActaVerdict: Sendable {
    struct Finding: Sendable, Hashable {
        let line: Int
        let problem: ActaProblem
    }

    enum Outcome: String { case verified, invalid, unsupported }

    let file: String
    let count: Int
    let untyped: Int
    let isBeginningUnknown: Bool
    let findings: [Finding]

    private static let shown = 1_000

    var outcome: Outcome {
        if findings.isEmpty { return .verified }
        return findings.contains { $0.problem.isDisproof } ? .invalid : .unsupported
    }

    func text(_ style: Style) -> String { lines(style).map { $0 + "\n" }.joined() }

    private func lines(_ style: Style) -> [String] {
        let receipts = "\(count) acta receipt\(count == 1 ? "" : "s")"
        switch outcome {
        case .verified:
            let notes = [
                isBeginningUnknown ? "  the first follows one that is not here: `--after FILE` names it" : nil,
                untyped > 0 ? "  without a type, so that only the signature was judged: \(untyped)" : nil,
            ]
            return [style(.good, "verified:") + " \(receipts), signed and linked by the keys given"] + notes.compactMap(\.self)
        case .invalid: return [style(.error, "not verified:") + " \(receipts)"] + told
        case .unsupported: return [style(.error, "cannot be judged:") + " \(receipts)"] + told
        }
    }

    private var told: [String] {
        let rest = findings.count - Self.shown
        return findings.prefix(Self.shown).map { "  \(Escaping.line(file)):\($0.line): \(ActaProblemWords($0.problem).message)" }
            + (rest > 0 ? ["  and \(rest) more"] : [])
    }

    var json: JSON {
        [
            "format": "acta", "verified": .bool(outcome == .verified), "outcome": .string(outcome.rawValue), "receipts": JSON(count),
            "untyped": JSON(untyped), "beginning": .string(isBeginningUnknown ? "unknown" : "known"), "keySource": "given",
            "findings": .array(
                findings.prefix(Self.shown).map { finding in
                    let words = ActaProblemWords(finding.problem)
                    return ["line": JSON(finding.line), "code": .string(words.code), "message": .string(words.message)]
                }),
            "findingsOmitted": JSON(max(0, findings.count - Self.shown)),
        ]
    }
}
