import StrictJSON

/// The body of the receipt that says, before anything is gone, which segments go.
struct RemovalNotice: Sendable, Hashable {
    struct Segment: Sendable, Hashable {
        let first: UInt64
        let count: UInt64
        /// Of what is left of it, in the file `roots`.
        let digest: Digest
    }

    static let event = "receipts-removed"

    let segments: [Segment]
    /// Receipts whose lines go.
    let receipts: UInt64

    init(_ removed: [RemovedSegment]) {
        segments = removed.map { Segment(first: $0.first, count: $0.count, digest: $0.digest) }
        receipts = removed.reduce(0) { $0 + $1.gone }
    }

    var body: JSONObject {
        let listed = segments.map { segment -> JSON in
            [
                "count": JSON(Int64(clamping: segment.count)), "first": JSON(Int64(clamping: segment.first)),
                "sha256": .string(segment.digest.hex),
            ]
        }
        return [
            LogEvent.event: .string(Self.event), "receipts": JSON(Int64(clamping: receipts)), "segments": .array(listed),
            "why": "past the time that their sessions' policies keep them",
        ]
    }

    /// nil for the body of any other receipt.
    init?(body: JSON?) {
        guard let body, body[LogEvent.event] == .string(Self.event), let receipts = body["receipts"]?.int64, receipts >= 0,
            let listed = body["segments"]?.array
        else { return nil }
        var segments: [Segment] = []
        for one in listed {
            guard let first = one["first"]?.int64, let count = one["count"]?.int64, first >= 0, count > 0,
                let digest = one["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { return nil }
            segments.append(Segment(first: UInt64(first), count: UInt64(count), digest: digest))
        }
        self.segments = segments
        self.receipts = UInt64(receipts)
    }

    /// What the log says of itself has no session.
    init?(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard line.kind == .lifecycle, line.place == nil else { return nil }
        self.init(body: (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body])
    }
}
