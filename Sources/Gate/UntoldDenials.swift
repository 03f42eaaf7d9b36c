import SessionProtocol

/// What the kernel denied and no receipt says yet.
struct UntoldDenials {
    /// Equal acts of equal suspects.
    struct Group {
        var denial: CountedDenial
        let suspects: Suspects
    }

    private(set) var groups: [Group] = []
    /// Records of the ring buffer that are none of a denial.
    private(set) var unreadable = 0

    var isEmpty: Bool { groups.isEmpty && unreadable == 0 }

    mutating func add(_ denial: KernelDenial, _ suspects: Suspects) {
        if let index = groups.firstIndex(where: { $0.denial.act == denial.act && $0.suspects == suspects }) {
            groups[index].denial.add(denial)
        } else {
            groups.append(Group(denial: CountedDenial(denial), suspects: suspects))
        }
    }

    mutating func addUnreadable() { unreadable += 1 }

    /// Puts back, before what has come since, what could not be recorded.
    mutating func putBack(_ earlier: UntoldDenials) {
        groups = earlier.groups + groups
        unreadable += earlier.unreadable
    }

    /// All of them; nothing is left.
    mutating func take() -> UntoldDenials {
        let taken = self
        self = UntoldDenials()
        return taken
    }
}
