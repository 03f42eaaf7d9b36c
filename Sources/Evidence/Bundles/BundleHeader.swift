import StrictJSON

/// What a bundle says of itself. Signed of it is only the checkpoint.
struct BundleHeader: Hashable, Sendable {
    struct Counts: Hashable, Sendable {
        var receipts: UInt64
        var documents: UInt64
        /// By the receipts that say so.
        var removed: UInt64
    }

    let checkpoint: Checkpoint
    /// The log's, from the first on.
    let keys: [VerifierKey]
    let filter: BundleFilter
    let counts: Counts

    /// Strings and small numbers have a canonical form.
    var line: [UInt8] {
        let json: JSON = [
            BundleFormat.checkpoint: .string(checkpoint.text),
            BundleFormat.counts: [
                BundleFormat.documents: JSON(Int64(clamping: counts.documents)),
                BundleFormat.receipts: JSON(Int64(clamping: counts.receipts)),
                BundleFormat.removed: JSON(Int64(clamping: counts.removed)),
            ],
            BundleFormat.filter: .object(filter.json), BundleFormat.format: .string(BundleFormat.name),
            BundleFormat.keys: .array(keys.map { .string($0.text) }), BundleFormat.origin: .string(checkpoint.origin),
            BundleFormat.versionMember: JSON(BundleFormat.version),
        ]
        return (try? json.canonical()) ?? []
    }

    init(checkpoint: Checkpoint, keys: [VerifierKey], filter: BundleFilter, counts: Counts) {
        self.checkpoint = checkpoint
        self.keys = keys
        self.filter = filter
        self.counts = counts
    }

    /// Reads the line that `line` gives, and no other spelling; no signature is judged.
    init(_ line: [UInt8]) throws(LineError) {
        let members = try CanonicalLine.members(
            line,
            [
                BundleFormat.checkpoint, BundleFormat.counts, BundleFormat.filter, BundleFormat.format, BundleFormat.keys,
                BundleFormat.origin,
                BundleFormat.versionMember,
            ])
        guard members[BundleFormat.format] == .string(BundleFormat.name) else { throw LineError(.invalidMember(BundleFormat.format)) }
        guard members[BundleFormat.versionMember]?.int64 == BundleFormat.version else {
            throw LineError(.invalidMember(BundleFormat.versionMember))
        }
        guard let checkpoint = members[BundleFormat.checkpoint]?.string.flatMap({ Checkpoint(text: $0) }) else {
            throw LineError(.malformedCheckpoint)
        }
        guard members[BundleFormat.origin] == .string(checkpoint.origin) else { throw LineError(.invalidMember(BundleFormat.origin)) }
        guard let filter = members[BundleFormat.filter]?.object.flatMap({ BundleFilter($0) }) else {
            throw LineError(.invalidMember(BundleFormat.filter))
        }
        self.init(
            checkpoint: checkpoint, keys: try Self.keys(members[BundleFormat.keys], checkpoint.origin), filter: filter,
            counts: try Self.counts(members[BundleFormat.counts]))
    }

    private static func keys(_ json: JSON?, _ origin: String) throws(LineError) -> [VerifierKey] {
        let texts = json?.array ?? []
        let keys = texts.compactMap { $0.string.flatMap { VerifierKey(text: $0) } }
        guard !keys.isEmpty, keys.count == texts.count, keys.allSatisfy({ $0.name.utf8.elementsEqual(origin.utf8) }) else {
            throw LineError(.invalidMember(BundleFormat.keys))
        }
        return keys
    }

    private static func counts(_ json: JSON?) throws(LineError) -> Counts {
        guard let object = json?.object, object.count == 3, let receipts = object[BundleFormat.receipts]?.int64, receipts >= 0,
            let documents = object[BundleFormat.documents]?.int64, (0...Int64(BundleFormat.mostDocuments)).contains(documents),
            let removed = object[BundleFormat.removed]?.int64, removed >= 0
        else { throw LineError(.invalidMember(BundleFormat.counts)) }
        return Counts(receipts: UInt64(receipts), documents: UInt64(documents), removed: UInt64(removed))
    }
}
