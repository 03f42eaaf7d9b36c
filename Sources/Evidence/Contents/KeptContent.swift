public import Descriptors
import StrictJSON

/// What `evidence.arguments: full` adds to the body of a decision.
public enum KeptContent {
    /// In receipts: the code of what is kept, under the session's key, in the form of a commitment. It is another one than that of `arguments` where
    /// values were masked.
    public static let member = "content"
    /// In spools alone: what is to be kept, canonical JSON. It goes into a file of its own, and never into a receipt.
    public static let spooled = "kept"

    /// More arguments are not kept, and calls that have more are blocked.
    public static let limit = 1 << 20

    /// What is kept of a decision, by its session and its number in the session's spool; nil where nothing is.
    public static func read(log: String, session: String, number: UInt64) throws(Errno) -> [UInt8]? {
        guard SessionFacts.isIdentifier(session) else { return nil }
        let directory = try WorkingDirectory().open(log, .directory)
        return try LogContents(in: directory.borrowed).content(ContentName(session: session, number: number))
    }

    /// The code that a decision states; nil for every other receipt.
    static func code(_ kind: ReceiptKind, _ body: JSON?) -> Digest? {
        guard kind == .decision, let text = body?[member]?.string, text.utf8.starts(with: "\(Commitment.prefix)".utf8) else { return nil }
        return Digest(hex: String(decoding: text.utf8.dropFirst(Commitment.prefix.utf8CodeUnitCount), as: UTF8.self))
    }

    /// The same of a line.
    static func code(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) -> Digest? {
        guard line.kind == .decision, line.place?.spoolNumber != nil, states(bytes, "{\"body\":{") else { return nil }
        return code(line.kind, (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body])
    }

    /// Whether the body that begins behind `start` has the member: what comes before it in canonical order is a commitment and a count, so that
    /// most lines are not read for this.
    static func states(_ bytes: UnsafeRawBufferPointer, _ start: StaticString) -> Bool {
        guard var scan = CanonicalScan(UnsafeRawBufferPointer(rebasing: bytes.prefix(beginning))), scan.take(start),
            scan.take("\"arguments\":"), scan.takePlainString() != nil,
            scan.take(",\"bytes\":"), scan.takeCount() != nil
        else { return false }
        return scan.take(",\"content\":")
    }

    /// More than all of that has.
    private static let beginning = 256
}
