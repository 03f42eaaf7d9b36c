public import StrictJSON

/// Which receipts of a log a bundle holds. Without any of it, all.
public struct BundleFilter: Hashable, Sendable {
    /// Beginnings of times as receipts have them: `2026`, `2026-01-31`, `2026-01-31T08:05:00.000123`. Receipts that begin so are included.
    public let from: String?
    public let to: String?
    public let session: String?
    /// Sessions whose launch or refusal names this server.
    public let server: String?

    static let longestServer = 1_024

    /// nil where a value has not its form.
    public init?(from: String? = nil, to: String? = nil, session: String? = nil, server: String? = nil) {
        guard [from, to].allSatisfy({ $0.map(Self.isBeginning) ?? true }), session.map(SessionFacts.isIdentifier) ?? true,
            server.map({ (1...Self.longestServer).contains($0.utf8.count) }) ?? true
        else { return nil }
        (self.from, self.to, self.session, self.server) = (from, to, session, server)
    }

    /// Whether a text is the beginning of a time, whole fields of it.
    public static func isBeginning(_ text: String) -> Bool {
        let rest = "0000-01-01T00:00:00.000000Z".utf8.dropFirst(text.utf8.count)
        let isWhole = [4, 7, 10, 13, 16, 19].contains(text.utf8.count) || (21...26).contains(text.utf8.count)
        return isWhole && Timestamp.isForm(text + String(decoding: rest, as: UTF8.self))
    }

    var isEmpty: Bool { self == BundleFilter() }

    /// Receipts of a session may be left out between others.
    var makesGaps: Bool { from != nil || to != nil }

    /// Of a line that was judged: its time is its last member.
    func includes(timeOf line: UnsafeRawBufferPointer) -> Bool {
        guard makesGaps else { return true }
        let time = line.dropLast(2).suffix(27)
        if let from, time.lexicographicallyPrecedes(from.utf8) { return false }
        if let to, to.utf8.lexicographicallyPrecedes(time.prefix(to.utf8.count)) { return false }
        return true
    }

    public var json: JSONObject {
        let members = [
            (BundleFormat.from, from), (BundleFormat.server, server), (BundleFormat.session, session), (BundleFormat.to, to),
        ]
        return JSONObject(members.compactMap { name, value in value.map { (name, .string($0)) } })
    }

    /// nil for anything but what `json` gives.
    init?(_ json: JSONObject) {
        self.init(
            from: json[BundleFormat.from]?.string, to: json[BundleFormat.to]?.string, session: json[BundleFormat.session]?.string,
            server: json[BundleFormat.server]?.string)
        guard self.json == json else { return nil }
    }
}
