import Descriptors
import Evidence
import StrictJSON

extension VerificationReport {
    /// Set when there is no log to speak of: no such directory, or one that has nothing of a log in it.
    var directoryError: Errno? {
        let missing = findings.compactMap { finding -> (file: String, error: Errno)? in
            if case .unreadable(let error) = finding.problem { (finding.file, error) } else { nil }
        }
        if let own = missing.first(where: { $0.file == "." }) { return own.error }
        let hasNothing = receipts == 0 && checkpoints == 0 && missing.count == findings.count && missing.allSatisfy { $0.error == .noEntry }
        return hasNothing && missing.contains { $0.file == "segments" } ? .noEntry : nil
    }

    func text(_ style: Style) -> String {
        (custodyWords + (isGood ? good(style) : bad(style))).map { $0 + "\n" }.joined()
    }

    /// Said first: it bounds what all the rest is worth.
    private var custodyWords: [String] { Custody.allCases.filter { custodies.contains($0) }.map(\.words) }

    private func good(_ style: Style) -> [String] {
        if let claims { return claims.words(self, style) + documentWords + keyWords }
        var lines = [
            style(.good, "verified:")
                + " \(Self.count(receipts, "receipt")) of \(Self.count(sessions, "session")), \(signedSize) of them signed, \(Self.count(checkpoints, "checkpoint"))"
        ]
        if removed > 0 {
            let segments = Self.count(removedSegments, "segment")
            lines.append("  \(Self.count(removed, "receipt")) removed by retention, in \(segments); their roots hold")
        }
        if contents + erasedContents > 0 {
            lines.append("  arguments kept as text: \(contents), each as its receipt commits to; erased: \(erasedContents)")
        }
        if pending > 0 { lines.append("  pending: \(Self.count(pending, "receipt")) after the last checkpoint, not signed yet") }
        lines += documentWords
        return lines + keyWords
    }

    private var keyWords: [String] {
        var lines: [String] = []
        if let key {
            lines.append(
                "  signed by \(Escaping.line(key.text))"
                    + (isKeyGiven
                        ? "" : ", the key \(claims == nil ? "beside the log" : "in the bundle"); compare it with one kept elsewhere"))
            let earlier = keys?.keys.dropLast() ?? []
            if !earlier.isEmpty { lines.append("  before that by " + earlier.map { Escaping.line($0.text) }.joined(separator: ", ")) }
        }
        return lines
    }

    /// Of a log from before they were kept all are absent, which is no finding: only their content is not known.
    private var documentWords: [String] {
        var lines: [String] = []
        if documents > 0 {
            lines.append("  with \(Self.count(documents, "document")) (policies, plans, host profiles), each as its digest says")
        }
        if documentsAbsent > 0 { lines.append("  absent: \(Self.count(documentsAbsent, "document")) that receipts name and nobody kept") }
        return lines
    }

    static func count(_ number: some BinaryInteger, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private func bad(_ style: Style) -> [String] {
        let count = findings.count + findingsOmitted
        let headline = style(.error, "not verified:") + " \(Self.count(count, "finding")) in \(Self.count(receipts, "receipt"))"
        return [headline] + findings.map { "  " + $0.text } + (findingsOmitted > 0 ? ["  and \(findingsOmitted) more"] : [])
    }

    var json: JSON {
        [
            "verified": .bool(isGood), "custody": .array(custodies.map(\.rawValue).sorted().map { .string($0) }),
            "receipts": JSON(Int64(clamping: receipts)), "signed": JSON(Int64(clamping: signedSize)),
            "removed": JSON(Int64(clamping: removed)), "contents": JSON(contents),
            "erasedContents": JSON(erasedContents), "pending": JSON(Int64(clamping: pending)),
            "sessions": JSON(sessions), "checkpoints": JSON(checkpoints),
            "bundle": claims.map(\.json) ?? .null, "documents": JSON(documents), "documentsAbsent": JSON(documentsAbsent),
            "key": key.map { .string($0.text) } ?? .null, "keyGiven": .bool(isKeyGiven),
            "earlierKeys": .array((keys?.keys.dropLast() ?? []).map { .string($0.text) }), "findings": .array(findings.map(\.json)),
            "findingsOmitted": JSON(findingsOmitted),
        ]
    }
}
