import ControlProtocol
import Evidence
import KernelPlan
import Layers
import Policy
import StrictJSON

/// An entry of the refusals ledger, and what of it can be shown here.
struct LedgerEntry: Sendable {
    let details: RefusalDetails

    init(_ details: RefusalDetails) { self.details = details }

    var summary: RefusalSummary { details.summary }
    /// What the policy was refused for last.
    var finding: RefusalDetails.Finding? { details.findings.first }
    var earlier: ArraySlice<RefusalDetails.Finding> { details.findings.dropFirst() }
    var reasons: [Reason] { finding?.reasons ?? [] }

    /// The bytes of a document by the name that positions carry. A layer's are read here, by whoever looks: only where it is still the one that the
    /// daemon told of, and whoever looks may read it.
    func source(_ name: String) -> [UInt8]? {
        if let document = details.documents.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) { return document.bytes }
        guard let digest = finding?.layers[name], let bytes = LayerChoice.told(name), SHA256.digest(bytes).hex == digest else { return nil }
        return bytes
    }

    /// Of the host, what the reasons are about: the mechanism, and what it did when it was tried.
    struct HostFact: Sendable, Hashable {
        let mechanism: String
        let meaning: String?
        let observed: String
    }

    /// What the host of the last finding was; nil where that is not kept.
    var host: HostProfile? { details.host.flatMap { try? HostProfile(json: $0) } }

    var hostFacts: [HostFact] {
        guard let host else { return [] }
        var seen: Set<Mechanism> = []
        return reasons.compactMap { $0.facts["mechanism"].flatMap(Mechanism.init(rawValue:)) }.filter { seen.insert($0).inserted }.map {
            HostFact(mechanism: $0.rawValue, meaning: $0.meaning, observed: host[$0].text)
        }
    }

    /// Who is meant, for a sentence.
    var title: String {
        "policy \(Escaping.quoted(summary.policy)) of uid \(summary.caller)\(summary.hostname.map { " on \(Escaping.quoted($0))" } ?? "")"
    }

    /// Documents whose text was left out.
    var unkept: [RefusalDetails.Document] { details.documents.filter { $0.bytes == nil } }
}

/// Words for the ledger, in all its forms.
enum LedgerWords {
    static func times(_ count: Int64) -> String { count == 1 ? "once" : count == 2 ? "twice" : "\(count) times" }

    /// `2026-01-31 08:05:00 UTC`
    static func moment(_ seconds: Int64) -> String {
        let text = Timestamp(nanoseconds: UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000).partialValue).text
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    static func receipt(_ receipt: RefusalDetails.Receipt) -> String { "receipt \(receipt.number) in \(Escaping.quoted(receipt.log))" }

    /// The receipts of a finding; nil where the log took none.
    static func receipts(_ finding: RefusalDetails.Finding) -> String? {
        switch (finding.firstReceipt, finding.lastReceipt) {
        case (let first?, let last?) where first != last:
            first.log == last.log
                ? "receipts \(first.number) and \(last.number), the first and the last, in \(Escaping.quoted(last.log))"
                : "\(receipt(first)), and last \(receipt(last))"
        case (let one?, _), (nil, let one?): receipt(one)
        case (nil, nil): nil
        }
    }

    static func subject(_ finding: RefusalDetails.Finding) -> String {
        "sha256:\(finding.subject) \(finding.isExpanded ? "as expanded" : "of its texts: it could not be expanded")"
    }

    static func event(_ event: RefusalDetails.Event) -> String {
        let author = event.author.map { " by uid \($0)" } ?? ""
        let words = event.words.map { ": \(Escaping.line($0))" } ?? ""
        return "\(event.kind.rawValue)\(author)\(words)"
    }

    static func state(_ state: RefusalSummary.State) -> String {
        switch state {
        case .open: "open"
        case .closed: "closed, which permits nothing"
        case .resolved: "resolved: a policy of this name was exact since"
        }
    }

    static func omitted(_ count: Int64) -> String {
        "\(count) more \(count == 1 ? "refusal is" : "refusals are") in receipts alone: the ledger had no room, or could not be written"
    }
}
