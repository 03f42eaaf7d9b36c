import Evidence
import StrictJSON

extension BundleClaims {
    /// What a bundle that verifies says, each claim with its bound.
    func words(_ report: VerificationReport, _ style: Style) -> [String] {
        let log = report.key.map { Escaping.line($0.name) } ?? ""
        var lines = [
            style(.good, "verified:")
                + " \(VerificationReport.count(report.receipts, "receipt")) of \(VerificationReport.count(report.sessions, "session")), each in the log \(log), which had \(report.signedSize) when it was signed"
        ]
        if leftOut > 0 { lines.append("  left out: \(VerificationReport.count(leftOut, "receipt")), of which only hashes are here") }
        if removed > 0 { lines.append("  the log says that retention removed \(VerificationReport.count(removed, "receipt"))") }
        if !filterWords.isEmpty { lines.append("  the filter, as whoever made the bundle says: \(filterWords)") }
        return lines + sessionWords
    }

    private var filterWords: String {
        [("from", filter.from), ("to", filter.to), ("session", filter.session), ("server", filter.server)]
            .compactMap { name, value in value.map { "\(name) \(Escaping.quoted($0))" } }.joined(separator: ", ")
    }

    private var sessionWords: [String] {
        var lines: [String] = []
        if sessions.ended > 0 {
            lines.append("  \(VerificationReport.count(sessions.ended, "session")) whole, from the first receipt to the end")
        }
        if sessions.open > 0 {
            lines.append(
                "  \(VerificationReport.count(sessions.open, "session")) whole from the first receipt on, without an end; receipts behind the last one here would not show"
            )
        }
        if sessions.withGaps > 0 {
            lines.append(
                "  \(VerificationReport.count(sessions.withGaps, "session")) with receipts missing: a filter by time or retention leaves them out"
            )
        }
        return lines
    }

    var json: JSON {
        [
            "filter": .object(filter.json), "leftOut": JSON(Int64(clamping: leftOut)), "removed": JSON(Int64(clamping: removed)),
            "sessions": ["ended": JSON(sessions.ended), "open": JSON(sessions.open), "withGaps": JSON(sessions.withGaps)],
        ]
    }
}
