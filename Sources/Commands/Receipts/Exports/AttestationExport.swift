import ControlProtocol
import Evidence
import StrictJSON

/// An in-toto statement about receipts, in a DSSE envelope that whoever exports signs.
final class AttestationExport: ReceiptExport {
    private let log: ExportedLog
    private let selection: ExportSelection
    private let key: ExporterKey
    private var hash = SHA256()
    private var count: Int64 = 0
    private var numbers: (first: UInt64, last: UInt64)?
    private var kinds: [String: Int64] = [:]
    private var decisions: [String: Int64] = [:]
    private var reasons: [String: Int64] = [:]
    private var documents: [String: Set<String>] = [:]

    /// As the predicate names them.
    private static let documentNames = [
        ("hosts", ReceiptFields.host), ("plans", ReceiptFields.plan), ("policies", ReceiptFields.policy),
    ]

    init(of log: ExportedLog, _ selection: ExportSelection, key: ExporterKey) {
        self.log = log
        self.selection = selection
        self.key = key
    }

    func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8] {
        hash.update(receipt.line + [UInt8(ascii: "\n")])
        count += 1
        numbers = (numbers?.first ?? receipt.number, receipt.number)
        kinds[receipt.kind.rawValue, default: 0] += 1
        if receipt.kind == .decision || receipt.kind == .hold, let decision = receipt.body["decision"]?.string {
            decisions[decision, default: 0] += 1
        }
        if receipt.kind == .decision, let reason = receipt.body["reason"]?.string { reasons[reason, default: 0] += 1 }
        for (name, member) in Self.documentNames {
            if let digest = receipt.facts[member]?.string { documents[name, default: []].insert(digest) }
        }
        return []
    }

    func finish() throws(ExportProblem) -> [UInt8] {
        let proof: ReceiptProof?
        if let number = selection.number {
            guard count == 1 else { throw .noSuchReceipt(number) }
            proof = try log.proof(of: number)
        } else {
            proof = nil
        }
        let predicate = ReceiptsPredicate(
            key: log.key, checkpoint: log.checkpoint, custodies: log.report.custodies, isVerified: log.report.isGood,
            selection: selection.json,
            receipts: receipts, documents: Self.documentNames.map { ($0.0, documents[$0.0, default: []].sorted()) },
            exporter: ["name": "sandboxctl", "version": .string(ControlInterface.productVersion)], proof: proof)
        let subject = InTotoStatement.Subject(name: name, digest: hash.finish())
        let statement = InTotoStatement([subject], predicateType: ReceiptsPredicate.type, predicate: predicate.json)
        return DSSEEnvelope(sealing: statement.json.encoded(), type: InTotoStatement.mediaType, with: key).json.encoded() + [
            UInt8(ascii: "\n")
        ]
    }

    /// A label; the digest is what counts.
    private var name: String {
        let origin = log.checkpoint.origin
        if let number = selection.number { return "\(origin)/receipts/\(number)" }
        return selection.session.map { "\(origin)/sessions/\($0)" } ?? "\(origin)/receipts"
    }

    private var receipts: JSONObject {
        var json: JSONObject = [
            "count": JSON(count), "byKind": Self.counts(kinds), "byDecision": Self.counts(decisions), "byReason": Self.counts(reasons),
        ]
        if let numbers {
            json["first"] = JSON(Int64(clamping: numbers.first))
            json["last"] = JSON(Int64(clamping: numbers.last))
        }
        return json
    }

    private static func counts(_ counts: [String: Int64]) -> JSON {
        .object(JSONObject(counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, JSON($0.value)) }))
    }
}
