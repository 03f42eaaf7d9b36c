/// What receipts of two logs are compared by: names that others chose, told apart by their bytes.
struct ComparedSubject: Sendable, Hashable, Comparable {
    /// Of the server, as it was named when it was started; empty for what is of no server.
    let server: String
    let what: [String]

    init(_ server: String, _ what: String...) {
        self.server = server
        self.what = what
    }

    private var bytes: [[UInt8]] { ([server] + what).map { Array($0.utf8) } }

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    static func < (left: Self, right: Self) -> Bool {
        for (a, b) in zip(left.bytes, right.bytes) where a != b { return a.lexicographicallyPrecedes(b) }
        return left.bytes.count < right.bytes.count
    }

    /// For people, on one line.
    var words: String {
        let parts = what.filter { !$0.isEmpty }.map { Escaping.quoted($0) }.joined(separator: " ")
        return server.isEmpty ? parts : "\(parts) of \(Escaping.quoted(server))"
    }
}

/// The laxest thing that a log shows of a kind of message.
enum Laxity: Int, Sendable, Hashable, Comparable {
    /// It was blocked whenever it came.
    case blocked
    /// A person was asked whenever it was not blocked.
    case asked
    /// It was passed on at least once without a person.
    case forwarded

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    var word: String {
        switch self {
        case .blocked: "blocked"
        case .asked: "a person is asked"
        case .forwarded: "forwarded"
        }
    }
}
