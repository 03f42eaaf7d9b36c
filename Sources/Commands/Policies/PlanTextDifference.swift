/// Which lines of a plan's text go, and which come. A group of system call rules that goes or comes whole is its headline.
struct PlanTextDifference: Sendable, Hashable {
    let removed: [String]
    let added: [String]

    init(from first: String, to second: String) {
        let (old, new) = (Self.lines(first), Self.lines(second))
        removed = Self.headlines(Self.lines(old, without: new))
        added = Self.headlines(Self.lines(new, without: old))
    }

    var isEmpty: Bool { removed.isEmpty && added.isEmpty }

    var lines: [String] { removed.map { "- " + Escaping.line($0) } + added.map { "+ " + Escaping.line($0) } }

    /// What is only tried holds nothing.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("trial ") }
    }

    private static func lines(_ lines: [String], without others: [String]) -> [String] {
        let others = Set(others.map { Array($0.utf8) })
        return lines.filter { !others.contains(Array($0.utf8)) }
    }

    /// Behind `seccomp  # NAME` come the rules of that group.
    private static func headlines(_ lines: [String]) -> [String] {
        var isInGroup = false
        return lines.filter { line in
            if line.hasPrefix("seccomp  # ") {
                isInGroup = true
                return true
            }
            isInGroup = isInGroup && line.hasPrefix("seccomp  ")
            return !isInGroup
        }
    }
}
