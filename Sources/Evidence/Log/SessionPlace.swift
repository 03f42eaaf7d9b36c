import StrictJSON

/// Where a receipt stands in its session.
struct SessionPlace: Hashable, Sendable {
    let session: String
    /// From 1.
    let number: UInt64
    /// From 1; nil for what the daemon stated.
    let spoolNumber: UInt64?

    init?(_ object: JSONObject) throws(LineError) {
        guard object[ReceiptFields.session] != nil else {
            for name in [ReceiptFields.sessionNumber, ReceiptFields.spoolNumber] where object[name] != nil {
                throw LineError(.invalidMember(name))
            }
            return nil
        }
        guard object[ReceiptFields.sessionNumber] != nil else { throw LineError(.missingMember(ReceiptFields.sessionNumber)) }
        session = try ReceiptLine.value(object, ReceiptFields.session) { SessionFacts.isIdentifier($0) ? $0 : nil }
        number = try ReceiptLine.count(object, ReceiptFields.sessionNumber, from: 1)
        spoolNumber = object[ReceiptFields.spoolNumber] == nil ? nil : try ReceiptLine.count(object, ReceiptFields.spoolNumber, from: 1)
    }
}
