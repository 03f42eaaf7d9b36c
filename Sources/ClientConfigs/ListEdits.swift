/// Edits at the front of a list, such that those of `removing` take back exactly what those of `inserting` put there.
struct ListEdits {
    let document: ConfigDocument
    let list: ConfigValue

    private var items: [ConfigValue] { list.items ?? [] }
    private var bytes: [UInt8] { document.bytes }

    /// These tokens before all that is there.
    func inserting(_ tokens: [[UInt8]]) throws(NotEditable) -> SpanEdit {
        let joined = Array(tokens.joined(separator: [UInt8(ascii: ","), 0x20]))
        guard let first = items.first else { return .insertion(of: joined, at: list.span.lowerBound + 1) }
        guard list.isBlock else { return .insertion(of: joined + [UInt8(ascii: ",")] + gap(before: first), at: first.span.lowerBound) }
        let dash = try dash(of: first)
        guard let indentation = document.indentation(before: dash) else { throw .layout(offset: dash) }
        let lineStart = [UInt8(ascii: "-"), 0x20], lineEnd = document.lineEnd(near: dash) + indentation
        return .insertion(of: tokens.flatMap { lineStart + $0 + lineEnd }, at: dash)
    }

    /// The last line end before an item and what follows it, so that what comes before stands on a line of its own; else a space.
    private func gap(before item: ConfigValue) -> [UInt8] {
        let space = bytes[..<item.span.lowerBound].reversed().prefix(while: ASCII.isSpace).reversed()
        guard let newline = space.lastIndex(of: 0x0A) else { return [0x20] }
        let start = newline > space.startIndex && space[space.index(before: newline)] == 0x0D ? space.index(before: newline) : newline
        return Array(space[start...])
    }

    /// Without the first `count`; what would be left of a list of lines is written `[]`.
    func removing(_ count: Int) throws(NotEditable) -> SpanEdit {
        let start = list.isBlock ? try dash(of: items[0]) : items[0].span.lowerBound
        for (item, next) in zip(items.prefix(count), items.dropFirst()) { try checkBetween(item, next) }
        guard count == items.count else {
            return .removal(of: start..<(list.isBlock ? try dash(of: items[count]) : items[count].span.lowerBound))
        }
        let last = items[count - 1].span.upperBound
        return list.isBlock ? SpanEdit(span: start..<last, bytes: Array("[]".utf8)) : .removal(of: start..<endWithComma(last))
    }

    /// Only what parts items may go with them: a comment stays whoever's it is.
    private func checkBetween(_ item: ConfigValue, _ next: ConfigValue) throws(NotEditable) {
        let parting = UInt8(ascii: list.isBlock ? "-" : ",")
        let between = bytes[item.span.upperBound..<next.span.lowerBound]
        guard between.allSatisfy({ ASCII.isSpace($0) || $0 == parting }) else { throw .layout(offset: item.span.upperBound) }
    }

    private func endWithComma(_ end: Int) -> Int {
        let rest = bytes[end...].drop(while: ASCII.isSpace)
        return rest.first == UInt8(ascii: ",") ? rest.startIndex + 1 : end
    }

    /// Of an item of a list of lines.
    private func dash(of item: ConfigValue) throws(NotEditable) -> Int {
        let before = bytes[..<item.span.lowerBound].lastIndex { !ASCII.isBlank($0) }
        guard let before, bytes[before] == UInt8(ascii: "-") else { throw .layout(offset: item.span.lowerBound) }
        return before
    }
}
