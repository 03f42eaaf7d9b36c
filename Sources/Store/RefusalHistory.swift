/// What happened to an entry of the refusals ledger, and what is added to it now.
struct RefusalHistory {
    private let id: String
    private let caller: UInt32
    private var events: [RefusalEntry.NumberedEvent]
    private var added: [RefusalEntry.NumberedEvent] = []
    private var removed: [RefusalEntry.NumberedEvent] = []

    init(_ events: [RefusalEntry.NumberedEvent], of id: String, caller: UInt32) {
        self.events = events
        self.id = id
        self.caller = caller
    }

    mutating func add(_ event: RefusalEntry.Event) {
        let next = RefusalEntry.NumberedEvent(number: (events.last?.number ?? 0) + 1, event: event)
        events.append(next)
        added.append(next)
        while events.count > Store.RefusalLimits.events { dropOne() }
    }

    /// The oldest goes, those that nobody wrote first, then the caller's own, so that no caller drives out what a reviewer said.
    private mutating func dropOne() {
        let least = events.map { weight($0.event) }.min()
        guard let index = events.firstIndex(where: { weight($0.event) == least }) else { return }
        removed.append(events.remove(at: index))
    }

    private func weight(_ event: RefusalEntry.Event) -> Int { event.author.map { $0 == Int64(caller) ? 1 : 2 } ?? 0 }

    /// What is to be written: numbers stay in their order, whatever was dropped.
    var changes: [Statement] { added.map { RefusalRows.add($0, to: id) } + removed.map { RefusalRows.remove($0, of: id) } }
}
