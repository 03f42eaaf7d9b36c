import ControlProtocol
import Evidence
import StrictJSON

/// An in-toto statement about receipts, in a DSSE envelope that whoever exports signs.
final class AttestationExport: ReceiptExport {
    private let log: ExportedLog
    private let selection: ExportSelection
    private let key: ExporterKey
    private var tally = ReceiptTally()

    init(of log: ExportedLog, _ selection: ExportSelection, key: ExporterKey) {
        self.log = log
        self.selection = selection
        self.key = key
    }

    func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8] {
        tally.take(receipt)
        return []
    }

    func finish() throws(ExportProblem) -> [UInt8] {
        let predicate = ReceiptsPredicate(
            key: log.key, checkpoint: log.checkpoint, custodies: log.report.custodies, isVerified: log.report.isGood,
            selection: selection.json, receipts: tally.receipts, documents: tally.documents,
            exporter: ["name": "sandboxctl", "version": .string(ControlInterface.productVersion)], proof: try proof())
        let subject = InTotoStatement.Subject(name: name, digest: tally.digest())
        let statement = InTotoStatement([subject], predicateType: ReceiptsPredicate.type, predicate: predicate.json)
        let envelope = DSSEEnvelope(sealing: statement.json.encoded(), type: InTotoStatement.mediaType, with: key)
        return envelope.json.encoded() + [UInt8(ascii: "\n")]
    }

    private func proof() throws(ExportProblem) -> ReceiptProof? {
        guard let number = selection.number else { return nil }
        guard tally.count == 1 else { throw .noSuchReceipt(number) }
        return try log.proof(of: number)
    }

    /// A label; the digest is what counts.
    private var name: String { "\(log.checkpoint.origin)/\(selection.label)" }
}
