/// The registered descriptors by slot. Freed slots are used again.
struct RegistrationTable {
    struct Entry {
        let descriptor: Int32
        let generation: UInt32
        var interest: Interest
        /// epoll refused the descriptor (`EPERM`: a regular file, /dev/null): it is always ready.
        let isAlwaysReady: Bool
        let handler: (Readiness) -> Void
    }

    private var slots: [Entry?] = []
    private var free: [UInt32] = []
    private var generation: UInt32 = 0
    /// How many entries are always ready and want something.
    private(set) var eager = 0

    var count: Int { slots.count - free.count }

    /// The registration that `add` will make next: epoll must know it before the entry exists.
    mutating func reserve() -> Registration {
        generation &+= 1
        if let slot = free.popLast() { return Registration(slot: slot, generation: generation) }
        slots.append(nil)
        return Registration(slot: UInt32(slots.count - 1), generation: generation)
    }

    mutating func cancel(_ registration: Registration) {
        free.append(registration.slot)
    }

    mutating func fill(_ registration: Registration, _ entry: Entry) {
        slots[Int(registration.slot)] = entry
        if entry.isAlwaysReady && !entry.interest.isEmpty { eager += 1 }
    }

    /// nil when it has been removed.
    subscript(_ registration: Registration) -> Entry? {
        guard registration.slot < slots.count, let entry = slots[Int(registration.slot)] else { return nil }
        return entry.generation == registration.generation ? entry : nil
    }

    mutating func setInterest(_ registration: Registration, _ interest: Interest) {
        guard let entry = self[registration] else { return }
        if entry.isAlwaysReady { eager += (interest.isEmpty ? 0 : 1) - (entry.interest.isEmpty ? 0 : 1) }
        slots[Int(registration.slot)]?.interest = interest
    }

    mutating func remove(_ registration: Registration) -> Entry? {
        guard let entry = self[registration] else { return nil }
        if entry.isAlwaysReady && !entry.interest.isEmpty { eager -= 1 }
        slots[Int(registration.slot)] = nil
        free.append(registration.slot)
        return entry
    }

    /// The entries that are always ready and want something, as of now.
    func eagerRegistrations() -> [Registration] {
        var found: [Registration] = []
        for (slot, entry) in slots.enumerated() {
            guard let entry, entry.isAlwaysReady, !entry.interest.isEmpty else { continue }
            found.append(Registration(slot: UInt32(slot), generation: entry.generation))
        }
        return found
    }
}
