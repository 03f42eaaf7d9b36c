extension ConfigDocument {
    /// What the command line of a wrapped entry is written as, for whoever writes it by hand.
    public func lines(wrapping entry: ServerEntry, _ wrapping: Wrapping) -> [String] {
        guard case .program(let place) = entry.kind else { return [] }
        return lines(place, [wrapping.program] + wrapping.words(addingList: false) + place.words)
    }

    /// The same of one that is not wrapped.
    public func lines(unwrapping entry: ServerEntry) -> [String] {
        guard case .program(let place) = entry.kind, let wrapped = WrappedCommand(place.words), !wrapped.command.isEmpty else { return [] }
        return lines(place, wrapped.command)
    }

    private func lines(_ place: ProgramPlace, _ words: [String]) -> [String] {
        let tokens = words.map { String(decoding: format.token($0), as: UTF8.self) }
        switch place.form {
        case .joined: return [format.line(place.commandKey, "[\(tokens.joined(separator: ", "))]")]
        case .separate:
            let arguments = "[\(tokens.dropFirst().joined(separator: ", "))]"
            return [format.line(place.commandKey, tokens[0]), format.line(MCPClient.argumentsKey, arguments)]
        }
    }
}
