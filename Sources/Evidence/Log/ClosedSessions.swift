import StrictJSON

/// The body of the receipt that says of which sessions no more receipts come: they are over, what their gates stated is in the log, and nothing is awaited of
/// them any more.
///
/// What a log must know to go on does not grow with all the sessions that it ever had: how far one came that is named so is forgotten when the next segment
/// begins. (One that is kept for a time alone is retention's to forget, and is not named.) A receipt of such a session that comes later is found all the same:
/// by whoever verifies the log; by whoever opens it, in the same segment, and after that by its number, unless it begins anew. A log that is opened is not
/// verified: behind its last checkpoint anybody who can write there could as well add a session that never was.
struct ClosedSessions: Sendable, Hashable {
    static let event = "sessions-closed"
    /// Sessions of one receipt.
    static let limit = 256

    let names: [String]

    init(_ names: [String]) { self.names = names }

    var body: JSONObject { [LogEvent.event: .string(Self.event), "sessions": .array(names.map(JSON.string))] }

    /// nil for the body of any other receipt.
    init?(body: JSON?) {
        guard let body, body[LogEvent.event] == .string(Self.event), let listed = body["sessions"]?.array, listed.count <= Self.limit else {
            return nil
        }
        names = listed.compactMap(\.string)
        guard names.count == listed.count, names.allSatisfy(SessionFacts.isIdentifier) else { return nil }
    }

    /// What the log says of itself has no session.
    init?(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard line.kind == .lifecycle, line.place == nil else { return nil }
        self.init(body: (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body])
    }
}
