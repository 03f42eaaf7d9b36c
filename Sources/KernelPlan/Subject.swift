import Policy

/// A user before the ordinary permissions of files. Access control lists are not read: what they add is refused with what they take away.
struct Subject {
    let name: String
    /// `nil`: a uid that owns nothing yet.
    let uid: UInt32?
    let groups: [UInt32]

    /// The user of a session's own; `nil`: not chosen yet.
    static func session(_ uid: UInt32?) -> Subject { Subject(name: "the session's own user", uid: uid, groups: uid.map { [$0] } ?? []) }

    /// The first component that the user cannot pass, and the permission that is missing (`read`, `write`, `search`).
    func obstacle(to facts: PathFacts, read: Bool, write: Bool) -> (component: String, missing: String)? {
        if let closed = obstacle(among: facts.ancestors) { return closed }
        let needs: [(UInt32, String)] = [
            (read ? 4 : 0, "read"), (write ? 2 : 0, "write"), (facts.kind == .directory ? 1 : 0, "search"),
        ]
        let missing = needs.first { $0.0 != 0 && !has($0.0, owner: facts.owner, group: facts.group, mode: facts.mode) }
        return missing.map { (facts.resolved, $0.1) }
    }

    /// The first directory that cannot be searched.
    func obstacle(among ancestors: [Ancestor]) -> (component: String, missing: String)? {
        ancestors.first { !has(1, owner: $0.owner, group: $0.group, mode: $0.mode) }.map { ($0.path, "search") }
    }

    private func has(_ bit: UInt32, owner: UInt32, group: UInt32, mode: UInt32) -> Bool {
        if owner == uid { return mode >> 6 & bit != 0 }
        if groups.contains(group) { return mode >> 3 & bit != 0 }
        return mode & bit != 0
    }
}
