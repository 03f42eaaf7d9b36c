/// What verifying a log found.
public struct VerificationReport: Hashable, Sendable {
    /// Empty when all of it verifies. At most `findingLimit`; the rest is counted.
    public internal(set) var findings: [Finding] = []
    public internal(set) var findingsOmitted = 0
    /// Whose signatures were checked, the last one; nil when no key could be read.
    public internal(set) var key: VerifierKey?
    /// All of the log's keys, as its receipts tell.
    public internal(set) var keys: KeyChain?
    /// Whether the caller named the key. If not it is the log's own word, and says nothing about a log that was made anew by somebody else.
    public internal(set) var isKeyGiven = false
    /// Who kept it, as its receipts say.
    public internal(set) var custodies: Set<Custody> = []
    public internal(set) var receipts: UInt64 = 0
    /// Of these, what retention removed; the roots of their trees hold.
    public internal(set) var removed: UInt64 = 0
    public internal(set) var removedSegments = 0
    /// Arguments that are kept beside the log, each of them what its receipt commits to.
    public internal(set) var contents = 0
    /// Those that were erased, as receipts say.
    public internal(set) var erasedContents = 0
    public internal(set) var receiptsByKind: [ReceiptKind: Int] = [:]
    public internal(set) var sessions = 0
    public internal(set) var checkpoints = 0
    /// Of the last good checkpoint.
    public internal(set) var signedSize: UInt64 = 0
    public internal(set) var signedRoot: Digest?
    /// The line of the receipt that was asked for, as it was read here; nil when the log has none of that number.
    public internal(set) var receipt: [UInt8]?
    /// Policies, plans and host profiles that are kept, and were checked against their digests.
    public internal(set) var documents = 0
    /// Those that receipts name and that are not kept: what they said is not known from here.
    public internal(set) var documentsAbsent = 0
    /// Of a bundle: what it claims. nil for a log.
    public internal(set) var claims: BundleClaims?
    /// Bytes of receipts read.
    public internal(set) var bytes: UInt64 = 0

    public static let findingLimit = 1_000

    public var isGood: Bool { findings.isEmpty }

    /// Receipts that no checkpoint covers: well-formed, but not yet signed.
    public var pending: UInt64 { receipts > signedSize ? receipts - signedSize : 0 }

    mutating func add(_ finding: Finding) {
        if findings.count < Self.findingLimit { findings.append(finding) } else { findingsOmitted += 1 }
    }
}
