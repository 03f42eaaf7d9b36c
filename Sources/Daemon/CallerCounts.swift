import ControlProtocol

/// How much each user has of what there is for all, so that none can take it from the others. Root is not counted.
struct CallerCounts: Sendable {
    static let connections = 128
    static let sessions = 512

    /// Bytes and descriptors of messages that are not whole yet, of all of a user's connections.
    static let held = HeldInput(bytes: 4 << 20, descriptors: 512)
    /// Connections over which somebody hears of whatever happens.
    static let watchers = 16

    private var connected: [UInt32: Int] = [:]
    private var holding: [UInt32: HeldInput] = [:]

    func mayConnect(_ user: UInt32) -> Bool { user == 0 || connected[user, default: 0] < Self.connections }

    mutating func connected(_ user: UInt32) { connected[user, default: 0] += 1 }

    mutating func left(_ user: UInt32) {
        let left = connected[user, default: 0] - 1
        connected[user] = left > 0 ? left : nil
    }

    /// Says of one connection what it held of unfinished messages, and what it holds now; false when it is too much for the user's together.
    mutating func holds(_ user: UInt32, before: HeldInput, now: HeldInput) -> Bool {
        var all = holding[user] ?? HeldInput()
        all.bytes += now.bytes - before.bytes
        all.descriptors += now.descriptors - before.descriptors
        holding[user] = all == HeldInput() ? nil : all
        let isLess = now.bytes <= before.bytes && now.descriptors <= before.descriptors
        return user == 0 || isLess || all.bytes <= Self.held.bytes && all.descriptors <= Self.held.descriptors
    }

    static func mayWatch(_ watching: Int, _ user: UInt32) -> Bool { user == 0 || watching < watchers }

    static func mayHave(sessions held: Int, _ user: UInt32) -> Bool { user == 0 || held < sessions }
}
