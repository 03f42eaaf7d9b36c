/// A line of two texts that are laid beside each other.
enum ComparedLine<Text: Hashable> {
    /// As the new text has it.
    case same(Text)
    case gone(Text)
    case come(Text)

    var isSame: Bool { if case .same = self { true } else { false } }

    /// All of them in order: what is gone stands before what came in its place.
    static func all(from old: [Text], to new: [Text]) -> [ComparedLine] {
        var removed: Set<Int> = [], inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [ComparedLine] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append(.gone(old[left]))
                left += 1
            } else if right < new.count, inserted.contains(right) {
                lines.append(.come(new[right]))
                right += 1
            } else {
                lines.append(.same(new[right]))
                (left, right) = (left + 1, right + 1)
            }
        }
        return lines
    }
}
