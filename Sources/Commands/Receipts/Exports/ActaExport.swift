import Decision
import Evidence
import StrictJSON

/// Decisions as receipts of draft-farley-acta-signed-receipts-03: one chain, a line each, signed by whoever exports.
///
/// What our receipts have and the profile has no member for stands in `sandboxd`: which receipt of which log it is made of, by number and digest, so
/// that it can be compared. `issued_at` is the decision's time: the same log gives the same chain, whenever it is exported. Raw arguments are in
/// neither (section 8.3): `arguments_commitment` is keyed.
struct ActaExport: ReceiptExport {
    private var chain: ActaChain
    private let origin: String
    private let isVerified: Bool

    private static let specification = "draft-farley-acta-signed-receipts-03"

    init(of log: ExportedLog, key: ExporterKey) {
        chain = ActaChain(key: key)
        origin = log.checkpoint.origin
        isVerified = log.report.isGood
    }

    mutating func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8] {
        guard let decision = Self.decision(receipt) else { return [] }
        do { return try chain.sign(payload(receipt, decision)).json.canonical() + [UInt8(ascii: "\n")] } catch {
            throw .unsignable(receipt.number)
        }
    }

    mutating func finish() throws(ExportProblem) -> [UInt8] { [] }

    /// nil for what decides nothing: that a held call waits no longer is told by the decision that follows.
    private static func decision(_ receipt: ExportedReceipt) -> String? {
        guard receipt.kind == .decision || receipt.kind == .hold else { return nil }
        switch receipt.body["decision"]?.string {
        case "forward": return "allow"
        case "hold": return "require_approval"
        case "block": return receipt.body["reason"] == .string(BlockCode.limitSpent.rawValue) ? "rate_limit" : "deny"
        case _: return nil
        }
    }

    private func payload(_ receipt: ExportedReceipt, _ decision: String) -> JSONObject {
        var payload: JSONObject = [
            "decision": .string(decision), "issued_at": .string(receipt.time), "spec": .string(Self.specification),
            "sandboxd": .object(own(receipt)),
        ]
        // The profile's type is of tool calls; what is decided of other messages has a type of our own.
        if let tool = receipt.body["tool"] {
            payload["type"] = "protectmcp:decision"
            payload["tool_name"] = tool
        } else {
            payload["type"] = "sandboxd:message-decision"
            payload["method"] = receipt.body["method"] ?? receipt.body["unknownMethod"]
        }
        payload["reason"] = receipt.body["reason"]
        payload["session_id"] = receipt.facts[ReceiptFields.session]
        if let policy = receipt.facts[ReceiptFields.policy]?.string {
            payload["policy_digest"] = Self.policyDigest(policy).map { .string($0) }
        }
        // A session runs in its sandbox or not at all; which one is the plan.
        if receipt.facts[ReceiptFields.plan] != nil { payload["sandbox_state"] = "enabled" }
        return payload
    }

    private func own(_ receipt: ExportedReceipt) -> JSONObject {
        var own: JSONObject = [
            "log": .string(origin), "number": JSON(Int64(clamping: receipt.number)),
            "receipt": .string("sha256:" + SHA256.digest(receipt.line).hex),
        ]
        if !isVerified { own["log_verified"] = false }
        own["arguments_commitment"] = receipt.body["arguments"]
        for name in [ReceiptFields.custody, ReceiptFields.plan, ReceiptFields.host] { own[name] = receipt.facts[name] }
        for name in ["era", "layer", "rule", "side"] { own[name] = receipt.body[name] }
        return own
    }

    /// Section 5.8, acta-policy-digest-v1: of a manifest that names the policy's canonical JSON, of which ours is the SHA-256.
    static func policyDigest(_ policy: String) -> String? {
        let manifest: JSON = [
            "construction": "acta-policy-digest-v1", "engine": "sandboxd", "files": [["name": "policy.json", "sha256": .string(policy)]],
        ]
        return (try? manifest.canonical()).map { "sha256:" + SHA256.digest($0).hex }
    }
}
