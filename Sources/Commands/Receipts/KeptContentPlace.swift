import Evidence
import StrictJSON

/// The decision whose kept arguments a command line means: by its number in the log, `SESSION:NUMBER` as everywhere, or `SESSION/NUMBER` as its file is
/// named beside the log.
struct KeptContentPlace {
    let receipt: UInt64
    let session: String
    /// In the session's spool.
    let number: UInt64

    static let paragraph = """
        RECEIPT is a decision: its number in the log, SESSION:NUMBER, or SESSION/NUMBER as `receipts verify` names what is kept.
        """

    /// Reads the log for it.
    init(_ text: String, in place: ReceiptPlace) throws(ReceiptProblem) {
        let receipt = try Self.receipt(text, place)
        guard let number = receipt[ReceiptFields.number]?.int64, let session = receipt[ReceiptFields.session]?.string,
            let own = receipt[ReceiptFields.spoolNumber]?.int64, number >= 0, own > 0,
            receipt[ReceiptFields.body]?[KeptContent.member] != nil
        else { throw .nothingKept }
        self.receipt = UInt64(number)
        self.session = session
        self.number = UInt64(own)
    }

    private static func receipt(_ text: String, _ place: ReceiptPlace) throws(ReceiptProblem) -> JSONObject {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let number = Int64(parts[1]) { return try place.receipt(ofSession: String(parts[0]), spoolNumber: number) }
        let subject = ExplainSubject(text)
        switch subject {
        case .receipt, .receiptOfSession: return try place.receipt(subject)
        case .code, .receiptText, .policy: throw .notNamed
        }
    }
}
