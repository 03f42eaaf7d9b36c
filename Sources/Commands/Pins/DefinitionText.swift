import StrictJSON

/// What a server says of one of its things, for people: one value a line, with what could mislead the eye written as an escape.
enum DefinitionText {
    /// Lines of both together beyond which changes are not searched for.
    private static let mostLines = 4_000
    /// Lines around a change that are shown with it.
    private static let context = 2

    static func lines(_ canonical: String) -> [String] { ArgumentText.lines(canonical) }

    /// `- ` before what is gone, `+ ` before what came, two spaces before what is as it was.
    static func difference(from old: String, to new: String, _ style: Style) -> [String] {
        let (before, after) = (lines(old), lines(new))
        guard before.count + after.count <= mostLines else {
            return before.map { style(.error, "- " + $0) } + after.map { style(.good, "+ " + $0) }
        }
        return shortened(merged(before, after)).map { line in
            switch line {
            case .same(let text): "  " + text
            case .gone(let text): style(.error, "- " + text)
            case .come(let text): style(.good, "+ " + text)
            case .left(let count): "  … \(count) lines as they were"
            }
        }
    }

    private enum Line {
        case same(String)
        case gone(String)
        case come(String)
        case left(Int)

        var isSame: Bool { if case .same = self { true } else { false } }
    }

    private static func merged(_ old: [String], _ new: [String]) -> [Line] {
        let changes = new.difference(from: old)
        var removed: Set<Int> = [], inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
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

    /// Without what lies far from any change.
    private static func shortened(_ lines: [Line]) -> [Line] {
        let changed = lines.indices.filter { !lines[$0].isSame }
        var near: Set<Int> = []
        for index in changed { near.formUnion(max(0, index - context)...min(lines.count - 1, index + context)) }
        var shown: [Line] = []
        var left = 0
        for index in lines.indices {
            if near.contains(index) {
                if left > 0 { shown.append(.left(left)) }
                left = 0
                shown.append(lines[index])
            } else {
                left += 1
            }
        }
        return left > 0 ? shown + [.left(left)] : shown
    }
}
