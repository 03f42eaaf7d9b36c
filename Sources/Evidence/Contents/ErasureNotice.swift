import StrictJSON

/// The body of the receipt that says, before it is gone, which kept content goes, and by whom.
struct ErasureNotice: Hashable, Sendable {
    static let event = "content-erased"

    /// Of the decision.
    let receipt: UInt64
    let name: ContentName
    /// The uid of whoever asked for it.
    let by: UInt32
    let reason: String?

    init(receipt: UInt64, _ name: ContentName, by: UInt32, reason: String?) {
        self.receipt = receipt
        self.name = name
        self.by = by
        self.reason = reason
    }

    var body: JSONObject {
        var body: JSONObject = [
            "by": JSON(Int64(by)), LogEvent.event: .string(Self.event), "receipt": JSON(Int64(clamping: receipt)),
            ReceiptFields.session: .string(name.session), ReceiptFields.spoolNumber: JSON(Int64(clamping: name.number)),
        ]
        if let reason { body["reason"] = .string(reason) }
        return body
    }

    /// nil for the body of any other receipt.
    init?(body: JSON?) {
        guard let body, body[LogEvent.event] == .string(Self.event), let receipt = body["receipt"]?.int64, receipt >= 0,
            let session = body[ReceiptFields.session]?.string, SessionFacts.isIdentifier(session),
            let number = body[ReceiptFields.spoolNumber]?.int64, number > 0, let by = body["by"]?.int64.flatMap({ UInt32(exactly: $0) })
        else { return nil }
        self.init(receipt: UInt64(receipt), ContentName(session: session, number: UInt64(number)), by: by, reason: body["reason"]?.string)
    }

    /// What the log says of itself has no session of its own.
    init?(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard line.kind == .lifecycle, line.place == nil else { return nil }
        self.init(body: (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body])
    }
}
