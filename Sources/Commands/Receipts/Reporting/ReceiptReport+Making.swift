import Evidence

/// What is said of the log as a whole.
struct ReportSubject: Sendable {
    let verification: VerificationReport
    let criteria: ReceiptCriteria
    let documents: ReportDocuments
    /// Receipts that are known by the hashes of their trees alone.
    let missing: UInt64
    /// Whether the receipts that were counted are those that were verified.
    let isUnchanged: Bool

    var isGood: Bool { verification.isGood && isUnchanged }
}

extension ReceiptReport {
    init(_ subject: ReportSubject, _ figures: ReportFigures) {
        let verification = subject.verification
        isVerified = subject.isGood
        custodies = Custody.allCases.filter { verification.custodies.contains($0) }
        verdict = Self.verdict(subject, custodies)
        facts = Self.facts(subject, figures)
        let claims = ReportClaims(figures, subject).all
        sections =
            ReportSections.findings(subject) + ReportSections.counted(figures) + [
                ReportSections.claims(claims), ReportSections.limits(subject),
            ]
            + ReportSections.controls(figures.evidence)
    }

    private static func verdict(_ subject: ReportSubject, _ custodies: [Custody]) -> String {
        let verification = subject.verification
        let kept = custodies.isEmpty ? "nobody is said to have kept it" : custodies.map(\.words).joined(separator: "; in part ")
        guard subject.isGood else {
            let count = verification.findings.count + verification.findingsOmitted + (subject.isUnchanged ? 0 : 1)
            return "NOT VERIFIED (\(count) finding\(count == 1 ? "" : "s")): nothing below is evidence. \(sentence(kept))"
        }
        if let claims = verification.claims {
            return "\(sentence(kept)) Verified: a bundle of \(verification.receipts) receipts of \(verification.sessions) sessions, "
                + "from a log of which \(verification.signedSize) were signed; \(claims.leftOut) are left out."
        }
        let pending = verification.pending == 0 ? "" : ", \(verification.pending) not signed yet"
        let signed = subject.missing == 0 ? "\(verification.signedSize) signed" : "of a log with \(verification.signedSize) that are signed"
        let here = max(verification.receipts, verification.signedSize) - subject.missing
        return "\(sentence(kept)) Verified: \(here) receipts of \(verification.sessions) sessions, \(signed)\(pending)."
    }

    /// What a bundle has only hashes of.
    private static func leftOut(_ verification: VerificationReport) -> [Fact] {
        verification.claims.map { [Fact("leftOut", "receipts that the bundle leaves out", .count($0.leftOut))] } ?? []
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }

    private static func facts(_ subject: ReportSubject, _ figures: ReportFigures) -> [Fact] {
        let verification = subject.verification
        return [
            Fact("log", "log", verification.key.map { .foreign($0.name) } ?? .none),
            Fact(
                "key", verification.isKeyGiven ? "key, given by the reader" : "key, found beside the log",
                verification.key.map { .foreign($0.text) } ?? .none),
            Fact("signed", "receipts under the last checkpoint", .count(verification.signedSize)),
            Fact("root", "root of these, SHA-256", verification.signedRoot.map { .text($0.hex) } ?? .none),
            Fact("checkpoints", "checkpoints", .count(UInt64(verification.checkpoints))),
            Fact("missing", "receipts that are not here, but their hashes", .count(subject.missing)),
            Fact("reported", "receipts in this report", .count(figures.evidence[.receipts])),
            Fact("first", "first of them", figures.first.map { .text($0) } ?? .none),
            Fact("last", "last of them", figures.last.map { .text($0) } ?? .none),
        ] + leftOut(verification) + subject.criteria.facts
    }
}

extension ReceiptCriteria {
    /// What a report was narrowed to.
    fileprivate var facts: [ReceiptReport.Fact] {
        let given: [(String, String?)] = [
            ("session", session), ("server", server), ("from", from?.words), ("to", to?.words),
        ]
        return given.compactMap { name, value in value.map { ReceiptReport.Fact("only-\(name)", "only \(name)", .foreign($0)) } }
    }
}
