import Evidence
import StrictJSON

/// What an attestation says of the receipts of a selection: made when it is written, and anew when it is held against a log.
struct ReceiptTally: ~Copyable {
    private var hash = SHA256()
    private(set) var count: Int64 = 0
    private var numbers: (first: UInt64, last: UInt64)?
    private var kinds: [String: Int64] = [:]
    private var decisions: [String: Int64] = [:]
    private var reasons: [String: Int64] = [:]
    private var found: [String: Set<String>] = [:]

    /// As the predicate names them.
    private static let documentNames = [
        ("hosts", ReceiptFields.host), ("plans", ReceiptFields.plan), ("policies", ReceiptFields.policy),
    ]

    mutating func take(_ receipt: ExportedReceipt) {
        hash.update(receipt.line + [UInt8(ascii: "\n")])
        count += 1
        numbers = (numbers?.first ?? receipt.number, receipt.number)
        kinds[receipt.kind.rawValue, default: 0] += 1
        if receipt.kind == .decision || receipt.kind == .hold, let decision = receipt.body["decision"]?.string {
            decisions[decision, default: 0] += 1
        }
        if receipt.kind == .decision, let reason = receipt.body["reason"]?.string { reasons[reason, default: 0] += 1 }
        for (name, member) in Self.documentNames {
            if let digest = receipt.facts[member]?.string { found[name, default: []].insert(digest) }
        }
    }

    /// Of the lines, each with its line feed. To be asked once.
    mutating func digest() -> Digest { hash.finish() }

    /// The predicate's member of that name.
    var receipts: JSONObject {
        var json: JSONObject = [
            "count": JSON(count), "byKind": Self.counts(kinds), "byDecision": Self.counts(decisions), "byReason": Self.counts(reasons),
        ]
        if let numbers {
            json["first"] = JSON(Int64(clamping: numbers.first))
            json["last"] = JSON(Int64(clamping: numbers.last))
        }
        return json
    }

    /// Digests of what it happened under.
    var documents: JSONObject {
        JSONObject(Self.documentNames.map { name, _ in (name, .array((found[name] ?? []).sorted().map { .string($0) })) })
    }

    private static func counts(_ counts: [String: Int64]) -> JSON {
        .object(JSONObject(counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, JSON($0.value)) }))
    }
}
