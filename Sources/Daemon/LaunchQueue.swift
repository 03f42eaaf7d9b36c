/// Whose launch goes on, and whose waits: many that are asked for at the same instant come one after the other, in their order, so that none of
/// them runs out of time because of the others.
struct LaunchQueue {
    /// A launch waits for its processes most of the time; more side by side only wait for each other.
    static let atOnce = 8

    private var launching: Set<String> = []
    private var waiting: [String] = []

    /// The session may begin now; else it is told by `next` when.
    mutating func enter(_ session: String) -> Bool {
        guard launching.count < Self.atOnce, waiting.isEmpty else {
            waiting.append(session)
            return false
        }
        launching.insert(session)
        return true
    }

    /// It launches no longer, whatever came of it, or does not wait any more.
    mutating func leave(_ session: String) {
        if launching.remove(session) == nil { waiting.removeAll { $0 == session } }
    }

    /// Those that may begin now.
    mutating func next() -> [String] {
        let room = Self.atOnce - launching.count
        guard room > 0, !waiting.isEmpty else { return [] }
        let begun = Array(waiting.prefix(room))
        waiting.removeFirst(begun.count)
        launching.formUnion(begun)
        return begun
    }
}
