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
        return shortened(ComparedLine.all(from: before, to: after)).map { line in
            switch line {
            case .told(.same(let text)): "  " + text
            case .told(.gone(let text)): style(.error, "- " + text)
            case .told(.come(let text)): style(.good, "+ " + text)
            case .left(let count): "  … \(count) lines as they were"
            }
        }
    }

    private enum Line {
        case told(ComparedLine<String>)
        case left(Int)
    }

    /// Without what lies far from any change.
    private static func shortened(_ lines: [ComparedLine<String>]) -> [Line] {
        let changed = lines.indices.filter { !lines[$0].isSame }
        var near: Set<Int> = []
        for index in changed { near.formUnion(max(0, index - context)...min(lines.count - 1, index + context)) }
        var shown: [Line] = []
        var left = 0
        for index in lines.indices {
            if near.contains(index) {
                if left > 0 { shown.append(.left(left)) }
                left = 0
                shown.append(.told(lines[index]))
            } else {
                left += 1
            }
        }
        return left > 0 ? shown + [.left(left)] : shown
    }
}
