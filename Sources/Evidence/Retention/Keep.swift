public import StrictJSON

/// How long the receipts of a session are kept: what its policy's `evidence.keep` says.
public enum Keep: Hashable, Sendable {
    case forever
    case seconds(UInt64)

    /// As bodies of receipts have it.
    public var json: JSON {
        switch self {
        case .forever: .string(Self.always)
        case .seconds(let count): JSON(Int64(clamping: count))
        }
    }

    /// nil for what says nothing of the kind.
    init?(_ json: JSON?) {
        if let text = json?.string, text.utf8.elementsEqual(Self.always.utf8) {
            self = .forever
        } else if let count = json?.int64, count > 0 {
            self = .seconds(UInt64(count))
        } else {
            return nil
        }
    }

    /// What a receipt says of its session; nil when it says nothing. A session that was launched before receipts said it is kept for ever.
    init?(_ kind: ReceiptKind, body: JSON?) {
        guard kind == .launch || kind == .refusal else { return nil }
        if let said = Keep(body?[Self.member]) {
            self = said
        } else if kind == .launch, let outcome = body?["outcome"]?.string, outcome.utf8.elementsEqual("released".utf8) {
            self = .forever
        } else {
            return nil
        }
    }

    /// The same of a line; only launches and refusals are read whole.
    init?(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard line.place != nil, line.kind == .launch || line.kind == .refusal else { return nil }
        self.init(line.kind, body: (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body])
    }

    /// Whether something so old is past it. Both in microseconds.
    func isOver(after age: UInt64) -> Bool {
        guard case .seconds(let count) = self else { return false }
        let (limit, isBeyond) = count.multipliedReportingOverflow(by: 1_000_000)
        return !isBeyond && age >= limit
    }

    func longer(_ other: Keep?) -> Keep {
        guard case .seconds(let own) = self, case .seconds(let count)? = other else { return other == nil ? self : .forever }
        return .seconds(max(own, count))
    }

    /// The member of bodies that says it.
    public static let member = "keep"
    private static let always = "forever"
}
