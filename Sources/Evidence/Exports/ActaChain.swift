public import StrictJSON

/// Makes receipts of one chain, each of which names the one before.
public struct ActaChain: Sendable {
    private let key: ExporterKey
    private var previous: Digest?

    public init(key: ExporterKey) {
        self.key = key
    }

    /// The next receipt of the chain. `payload` has neither issuer nor link. Errors: a number in it that has no canonical form.
    public mutating func sign(_ payload: JSONObject) throws(JSONCanonicalError) -> ActaReceipt {
        var payload = payload
        payload["issuer_id"] = .string(key.issuer)
        if let previous { payload[ActaReceipt.link] = .string(ActaReceipt.linkPrefix + previous.hex) }
        let receipt = try ActaReceipt(signing: payload, with: key)
        previous = receipt.digest
        return receipt
    }
}
