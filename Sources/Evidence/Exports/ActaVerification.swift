/// Judges receipts of a chain, one after another.
public struct ActaVerification: Sendable {
    private enum Before: Sendable {
        /// Nothing was judged yet, and nothing is known of what stands before.
        case unknown
        case known(Digest)
        /// What stands before was no receipt: what it would have been linked by is not known.
        case unreadable
    }

    private let keys: IssuerKeys
    private var before: Before

    public private(set) var count = 0
    /// The first names one that is not here, so that it is not shown what it follows.
    public private(set) var isBeginningUnknown = false
    /// Without a `type`: nothing but their signatures was judged.
    public private(set) var untyped = 0

    /// `predecessor`: what the first is to follow.
    public init(keys: IssuerKeys, after predecessor: ActaReceipt? = nil) {
        self.keys = keys
        before = predecessor.map { .known($0.digest) } ?? .unknown
    }

    /// All that is wrong with the next receipt.
    public mutating func judge(_ bytes: [UInt8]) -> [ActaProblem] {
        count += 1
        let receipt: ActaReceipt
        do { receipt = try ActaReceipt(bytes) } catch {
            before = .unreadable
            return [error]
        }
        if receipt.type == nil { untyped += 1 }
        return [receipt.signatureProblem(keys), linkProblem(receipt)].compactMap(\.self)
    }

    private mutating func linkProblem(_ receipt: ActaReceipt) -> ActaProblem? {
        defer { before = .known(receipt.digest) }
        switch (before, receipt.previous) {
        case (.unknown, let previous):
            isBeginningUnknown = previous != nil
            return nil
        // The one before was reported already.
        case (.unreadable, _): return nil
        case (.known, nil): return .missingLink
        case (.known(let digest), let previous?): return digest == previous ? nil : .brokenLink
        }
    }
}
