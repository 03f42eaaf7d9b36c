public import StrictJSON

/// What an attestation says of receipts: the predicate of the in-toto type `https://sandboxd.io/receipts/v1`.
///
/// Its subject is the text that `sandboxctl receipts show --json` prints for the same log and selection: receipts' lines as they stand in the log,
/// each with a line feed, by their SHA-256. Whoever has the log compares it without us: `sandboxctl receipts show --json LOG … | sha256sum`.
///
/// | member | value |
/// |---|---|
/// | `log.origin`, `log.key` | the log's name, and its public key in the form of C2SP notes |
/// | `log.checkpoint` | the last checkpoint, a signed note: the log's own word for its size and root |
/// | `log.custody` | who kept it: `daemon`, `user`; claims are worth what the keeper is |
/// | `verified` | whether the exporter verified the log first; false only with `--unverified` |
/// | `selection` | `session`, `kind`, `from`, `to`, `receipt`: what was asked for; without any, the whole log |
/// | `receipts.count`, `.first`, `.last` | how many, and the first and last number |
/// | `receipts.byKind` | how many of each kind |
/// | `receipts.byDecision` | decisions and holds: `forward`, `hold`, `block` |
/// | `receipts.byReason` | blocked, by reason code |
/// | `policies`, `plans`, `hosts` | SHA-256 of the documents under which it happened, sorted |
/// | `proof` | one receipt alone: its C2SP tlog-proof, so that it is shown to be in the log without the log |
/// | `exporter` | `name`, `version` of the program |
///
/// Claims are those of the receipts and no more: *observed*, *reported* or *inferred* as each says, under the custody that is named.
public struct ReceiptsPredicate: Hashable, Sendable {
    public static let type = "https://sandboxd.io/receipts/v1"

    /// Why a predicate of this type is not one.
    public enum Problem: Error, Hashable, Sendable {
        case missingMember(String)
        case invalidMember(String)
    }

    public let key: VerifierKey
    public let checkpoint: Checkpoint
    public let custodies: Set<Custody>
    public let isVerified: Bool
    public let selection: JSONObject
    public let receipts: JSONObject
    public let proof: ReceiptProof?
    /// `hosts`, `plans`, `policies`: arrays of digests.
    public let documents: JSONObject
    private let exporter: JSON

    private static let selectors: Set<String> = ["session", "kind", "from", "to", "receipt"]
    private static let documentNames = ["hosts", "plans", "policies"]

    public init(
        key: VerifierKey, checkpoint: Checkpoint, custodies: Set<Custody>, isVerified: Bool, selection: JSONObject, receipts: JSONObject,
        documents: JSONObject, exporter: JSON, proof: ReceiptProof?
    ) {
        self.key = key
        self.checkpoint = checkpoint
        self.custodies = custodies
        self.isVerified = isVerified
        self.selection = selection
        self.receipts = receipts
        self.proof = proof
        self.documents = documents
        self.exporter = exporter
    }

    /// Reads one; nothing is judged but its form. A selection that it does not know would say something else than it seems to, and is refused.
    public init(_ json: JSONObject) throws(Problem) {
        for name in ["log", "verified", "selection", "receipts"] where json[name] == nil { throw .missingMember(name) }
        guard let log = json["log"]?.object else { throw .invalidMember("log") }
        guard let key = log["key"]?.string.flatMap({ VerifierKey(text: $0) }) else { throw .invalidMember("log.key") }
        guard let checkpoint = log["checkpoint"]?.string.flatMap({ Checkpoint(text: $0) }) else { throw .invalidMember("log.checkpoint") }
        guard log["origin"] == .string(checkpoint.origin) else { throw .invalidMember("log.origin") }
        let names = log["custody"]?.array ?? []
        let custodies = Set(names.compactMap { $0.string.flatMap { Custody(rawValue: $0) } })
        guard custodies.count == names.count else { throw .invalidMember("log.custody") }
        guard let isVerified = json["verified"]?.bool else { throw .invalidMember("verified") }
        guard let selection = json["selection"]?.object, selection.members.allSatisfy({ Self.selectors.contains($0.name) }) else {
            throw .invalidMember("selection")
        }
        guard let receipts = json["receipts"]?.object, receipts["count"]?.int64.map({ $0 >= 0 }) == true else {
            throw .invalidMember("receipts")
        }
        self.key = key
        self.checkpoint = checkpoint
        self.custodies = custodies
        self.isVerified = isVerified
        self.selection = selection
        self.receipts = receipts
        proof = try Self.proof(json["proof"])
        exporter = json["exporter"] ?? .null
        documents = JSONObject(Self.documentNames.compactMap { name in json[name].map { (name, $0) } })
    }

    private static func proof(_ json: JSON?) throws(Problem) -> ReceiptProof? {
        guard let json else { return nil }
        guard let proof = json.string.flatMap({ ReceiptProof(text: $0) }) else { throw .invalidMember("proof") }
        return proof
    }

    public var json: JSONObject {
        let log: JSON = [
            "origin": .string(checkpoint.origin), "key": .string(key.text), "checkpoint": .string(checkpoint.text),
            "custody": .array(custodies.map(\.rawValue).sorted().map { .string($0) }),
        ]
        var json: JSONObject = [
            "log": log, "verified": .bool(isVerified), "selection": .object(selection), "receipts": .object(receipts),
        ]
        for member in documents.members { json[member.name] = member.value }
        json["exporter"] = exporter
        if let proof { json["proof"] = .string(proof.text) }
        return json
    }
}
