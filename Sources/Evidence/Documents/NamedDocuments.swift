import StrictJSON

/// What one line names.
struct NamedDocuments: Hashable, Sendable {
    var host = DigestText()
    var plan = DigestText()
    var policy = DigestText()

    init() {}

    /// From the members of a line.
    init(_ receipt: JSONObject) throws(LineError) {
        func name(_ kind: DocumentRole) throws(LineError) -> DigestText {
            guard receipt[kind.rawValue] != nil else { return DigestText() }
            return DigestText(try ReceiptLine.value(receipt, kind.rawValue) { Digest(hex: $0) })
        }
        host = try name(.host)
        plan = try name(.plan)
        policy = try name(.policy)
    }

    subscript(_ kind: DocumentRole) -> DigestText {
        switch kind {
        case .policy: policy
        case .plan: plan
        case .host: host
        }
    }
}
