import MCP

/// What a server asked for within a result, so that a request can be made again: good for one time.
struct InputRound {
    /// What was asked for, by the server's names.
    let questions: [[UInt8]: Method]
    /// Exactly as the server gave it.
    let state: [UInt8]?
    let subject: Subject

    /// The request that is to be made again.
    struct Subject: Hashable {
        let method: Method
        /// Of the tool or prompt.
        let name: [UInt8]
        /// To its arguments.
        let commitment: [UInt8]
    }
}

/// The rounds that are open.
struct InputRounds {
    private var open: [InputRound] = []

    /// At most so many; the oldest gives way.
    static let limit = 64
    private static let longestState = 64 << 10

    /// Whether a server may give this state: a short one that does not look like one of the gate's own.
    static func takes(_ state: [UInt8]) -> Bool { state.count <= longestState && !state.starts(with: Retry.ownState) }

    mutating func add(_ round: InputRound) {
        if open.count >= Self.limit { open.removeFirst() }
        open.append(round)
    }

    /// Those of this request with this state.
    func indices(of subject: InputRound.Subject, state: [UInt8]?) -> [Int] {
        open.indices.filter { open[$0].subject == subject && open[$0].state == state }
    }

    subscript(_ index: Int) -> InputRound { open[index] }

    /// The round is over.
    mutating func take(_ index: Int) -> InputRound { open.remove(at: index) }
}
