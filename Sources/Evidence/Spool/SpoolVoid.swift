import StrictJSON

/// What a gate states after a failed write was finished: these numbers stand in the spool, but nothing was done on their word.
struct SpoolVoid {
    private static let event = "void"

    let first: UInt64
    let last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    /// `nil` for what states something else.
    init?(body: [UInt8]) {
        guard let json = try? JSON(parsing: body), json["event"]?.string == Self.event, let first = json["first"]?.int64,
            let last = json["last"]?.int64, first >= 0, first <= last
        else { return nil }
        self.init(first: UInt64(first), last: UInt64(last))
    }

    /// Canonical JSON.
    var body: [UInt8] { Array("{\"event\":\"\(Self.event)\",\"first\":\(first),\"last\":\(last)}".utf8) }
}
