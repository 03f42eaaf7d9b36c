import Evidence

/// Which of the policies, plans and host profiles that launches name are kept with the receipts, and are what their digests say.
struct ReportDocuments: Sendable, Hashable {
    private(set) var kept: UInt64 = 0
    private(set) var absent: UInt64 = 0

    /// Those of so many kinds of sessions are looked for.
    private static let most = 1_000

    /// `policies`: server, policy, plan and host profile of each kind of session.
    init(of path: String, named policies: BoundedTally) {
        guard let source = try? ReceiptSource(path) else { return }
        let names = Set(policies.top(Self.most).flatMap { $0.parts.dropFirst() }.filter { !$0.isEmpty })
        for name in names.sorted() {
            if Self.isKept(name, in: source) { kept += 1 } else { absent += 1 }
        }
    }

    private static func isKept(_ name: String, in source: ReceiptSource) -> Bool {
        guard let digest = Digest(hex: name), let bytes = try? source.document(digest) else { return false }
        return SHA256.digest(bytes) == digest
    }
}
