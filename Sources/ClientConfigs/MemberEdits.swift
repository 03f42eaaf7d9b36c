/// Puts a list of arguments beside a command that has none, such that it can be taken away again to the byte.
struct MemberEdits {
    let document: ConfigDocument
    /// What holds both.
    let table: ConfigValue
    let command: ConfigMember

    private var bytes: [UInt8] { document.bytes }
    private var isJSON: Bool { document.format == .json }

    func inserting(_ tokens: [[UInt8]]) throws(NotEditable) -> SpanEdit {
        let list = [UInt8(ascii: "[")] + Array(tokens.joined(separator: [UInt8(ascii: ","), 0x20])) + [UInt8(ascii: "]")]
        let key = Array(MCPClient.argumentsKey.utf8)
        switch document.format {
        case .json:
            let member = [UInt8(ascii: ",")] + gap + document.format.token(MCPClient.argumentsKey) + [UInt8(ascii: ":"), 0x20] + list
            return .insertion(of: member, at: command.value.span.upperBound)
        case .yaml where table.isBlock:
            // Before the command: what a scalar of several lines ends with is not always seen.
            guard let indentation = document.indentation(before: command.keyStart) else { throw .layout(offset: command.keyStart) }
            let line = key + [UInt8(ascii: ":"), 0x20] + list + document.lineEnd(near: command.keyStart) + indentation
            return .insertion(of: line, at: command.keyStart)
        case .yaml:
            return .insertion(of: [UInt8(ascii: ","), 0x20] + key + [UInt8(ascii: ":"), 0x20] + list, at: command.value.span.upperBound)
        case .toml:
            let names = bytes[command.keyStart..<command.keySpan.lowerBound] + key
            let member = names + [0x20, UInt8(ascii: "="), 0x20] + list
            guard table.isBlock else { return .insertion(of: [UInt8(ascii: ","), 0x20] + member, at: command.value.span.upperBound) }
            guard let indentation = document.indentation(before: command.keyStart) else {
                return .insertion(of: [UInt8(ascii: ","), 0x20] + member, at: command.value.span.upperBound)
            }
            return .insertion(of: document.lineEnd(near: command.keyStart) + indentation + member, at: command.value.span.upperBound)
        }
    }

    /// As the command is set off from what is before it.
    private var gap: [UInt8] {
        let space = Array(bytes[..<command.keyStart].reversed().prefix(while: ASCII.isSpace).reversed())
        guard let newline = space.lastIndex(of: 0x0A) else { return [0x20] }
        return newline > 0 && space[newline - 1] == 0x0D ? Array(space[(newline - 1)...]) : Array(space[newline...])
    }

    /// nil where it does not stand as it was put there.
    func removing(_ list: ConfigMember) -> SpanEdit? {
        if document.format == .yaml, table.isBlock {
            guard list.value.span.upperBound <= command.keyStart else { return nil }
            let between = list.value.span.upperBound..<command.keyStart
            return bytes[between].allSatisfy(ASCII.isSpace) ? .removal(of: list.keyStart..<command.keyStart) : nil
        }
        guard command.value.span.upperBound <= list.keyStart else { return nil }
        let between = bytes[command.value.span.upperBound..<list.keyStart]
        guard between.allSatisfy({ ASCII.isSpace($0) || $0 == UInt8(ascii: ",") }) else { return nil }
        return .removal(of: command.value.span.upperBound..<list.value.span.upperBound)
    }
}
