import StrictJSON

/// What a gate states after a failed write was finished, or what was written is not on the disk: these numbers stand in the spool, but nothing
/// was done on their word.
struct SpoolVoid {
    private static let event = "void"

    let first: UInt64
    let last: UInt64
    /// The name of an error, where the disk failed.
    let cause: String?

    init(first: UInt64, last: UInt64, cause: String? = nil) {
        self.first = first
        self.last = last
        self.cause = cause
    }

    /// `nil` for what states something else.
    init?(body: [UInt8]) {
        guard let json = try? JSON(parsing: body), json["event"]?.string == Self.event, let first = json["first"]?.int64,
            let last = json["last"]?.int64, first >= 0, first <= last
        else { return nil }
        self.init(first: UInt64(first), last: UInt64(last), cause: json["cause"]?.string)
    }

    /// Canonical JSON.
    var body: [UInt8] {
        Array("{\(cause.map { "\"cause\":\"\($0)\"," } ?? "")\"event\":\"\(Self.event)\",\"first\":\(first),\"last\":\(last)}".utf8)
    }
}
