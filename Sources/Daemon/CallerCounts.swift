/// How much each user has of what there is for all, so that none can take it from the others. Root is not counted.
struct CallerCounts: Sendable {
    static let connections = 128
    static let sessions = 512

    private var connected: [UInt32: Int] = [:]

    func mayConnect(_ user: UInt32) -> Bool { user == 0 || connected[user, default: 0] < Self.connections }

    mutating func connected(_ user: UInt32) { connected[user, default: 0] += 1 }

    mutating func left(_ user: UInt32) {
        let left = connected[user, default: 0] - 1
        connected[user] = left > 0 ? left : nil
    }

    static func mayHave(sessions held: Int, _ user: UInt32) -> Bool { user == 0 || held < sessions }
}
