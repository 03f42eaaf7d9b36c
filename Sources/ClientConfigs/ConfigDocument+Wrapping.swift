extension ConfigDocument {
    /// The file with this entry's program started by `wrap`.
    ///
    /// INVARIANT: what is returned says the same as before but for the command line of this one entry, and unwrapping it gives these bytes again.
    public func wrapping(_ entry: ServerEntry, _ wrapping: Wrapping, in file: ClientFile) throws(NotEditable) -> [UInt8] {
        guard case .program(let place) = entry.kind else { throw .noProgram }
        let edited = try wrapEdits(place, wrapping)
        let result = SpanEdit.apply(edited.edits, to: bytes)
        let again = try Self.entry(entry, result, file)
        guard again.document.root.isSame(as: expected(place, edited.words)) else { throw .otherMeaning }
        guard try again.document.unwrapping(again.entry, in: file) == bytes else { throw .notReversible }
        return result
    }

    /// The file with this entry's program started as it was before `wrap`.
    public func unwrapping(_ entry: ServerEntry, in file: ClientFile) throws(NotEditable) -> [UInt8] {
        guard case .program(let place) = entry.kind else { throw .noProgram }
        guard let wrapped = WrappedCommand(place.words), !wrapped.command.isEmpty else { throw .noCommand }
        let result = SpanEdit.apply(try unwrapEdits(place, wrapped), to: bytes)
        let again = try Self.entry(entry, result, file)
        guard Self.withoutEmptyList(again.document.root, place).isSame(as: Self.withoutEmptyList(expected(place, wrapped.command), place))
        else { throw .otherMeaning }
        return result
    }

    private static func entry(
        _ entry: ServerEntry, _ bytes: [UInt8], _ file: ClientFile
    ) throws(NotEditable) -> (document: ConfigDocument, entry: ServerEntry) {
        guard let document = try? ConfigDocument(bytes, file.format), let entries = try? document.servers(of: file),
            let found = entries.first(where: { $0.path.elementsEqual(entry.path, by: { $0.utf8.elementsEqual($1.utf8) }) })
        else { throw .otherMeaning }
        return (document, found)
    }

    // MARK: What is edited

    private func wrapEdits(_ place: ProgramPlace, _ wrapping: Wrapping) throws(NotEditable) -> (edits: [SpanEdit], words: [ConfigValue]) {
        let program = format.token(wrapping.program)
        switch place.form {
        case .joined(let path):
            guard let list = root.value(at: path), let items = list.items else { throw .noProgram }
            let words = wrapping.words(addingList: false)
            let edit = try ListEdits(document: self, list: list).inserting([program] + words.map(format.token))
            return ([edit], ([wrapping.program] + words).map(Self.value) + items)
        case .separate(let path):
            guard let table = root.value(at: path), let command = table.member(place.commandKey) else { throw .noProgram }
            let moved = try token(of: command.value)
            let list = table[MCPClient.argumentsKey]
            let words = wrapping.words(addingList: list == nil)
            let tokens = words.map(format.token) + [moved]
            let edit: SpanEdit
            if let list {
                edit = try ListEdits(document: self, list: list).inserting(tokens)
            } else {
                edit = try MemberEdits(document: self, table: table, command: command).inserting(tokens)
            }
            let all = ([wrapping.program] + words).map(Self.value) + [command.value] + (list?.items ?? [])
            return ([SpanEdit(span: command.value.span, bytes: program), edit], all)
        }
    }

    private func unwrapEdits(_ place: ProgramPlace, _ wrapped: WrappedCommand) throws(NotEditable) -> [SpanEdit] {
        switch place.form {
        case .joined(let path):
            guard let list = root.value(at: path) else { throw .noProgram }
            return [try ListEdits(document: self, list: list).removing(wrapped.prefixCount)]
        case .separate(let path):
            guard let table = root.value(at: path), let command = table.member(place.commandKey),
                let list = table.member(MCPClient.argumentsKey),
                let items = list.value.items
            else { throw .noProgram }
            // The list has all words but the first.
            let own = wrapped.prefixCount - 1
            let restored = SpanEdit(span: command.value.span, bytes: try token(of: items[own]))
            if wrapped.addedList, items.count == own + 1,
                let removal = MemberEdits(document: self, table: table, command: command).removing(list)
            {
                return [restored, removal]
            }
            return [restored, try ListEdits(document: self, list: list.value).removing(own + 1)]
        }
    }

    /// The bytes of a text as they are, to be moved: one that spans lines may mean something else where it comes to stand.
    private func token(of value: ConfigValue) throws(NotEditable) -> [UInt8] {
        let token = Array(bytes[value.span])
        guard value.string != nil, !token.isEmpty, !token.contains(0x0A) else { throw .layout(offset: value.span.lowerBound) }
        return token
    }

    // MARK: What must come of it

    private static func value(_ word: String) -> ConfigValue { ConfigValue(.string(word), at: 0..<0) }

    /// This configuration with another command line there. What was no text in a list of arguments stays what it was.
    private func expected(_ place: ProgramPlace, _ words: [ConfigValue]) -> ConfigValue {
        switch place.form {
        case .joined(let path): return root.replacing(path[...], with: ConfigValue(.list(words), at: 0..<0))
        case .separate(let path):
            guard let table = root.value(at: path), var members = table.members else { return root }
            members.removeAll { $0.key == MCPClient.argumentsKey }
            for index in members.indices where members[index].key == place.commandKey { members[index].value = words[0] }
            members.append(
                ConfigMember(
                    key: MCPClient.argumentsKey, keySpan: 0..<0, keyStart: 0,
                    value: ConfigValue(.list(Array(words.dropFirst())), at: 0..<0)))
            return root.replacing(path[...], with: ConfigValue(.table(members), at: table.span))
        }
    }

    /// The same for words that stand there already, the last ones of the list.
    private func expected(_ place: ProgramPlace, _ words: [String]) -> ConfigValue {
        switch place.form {
        case .joined(let path): return expected(place, Array((root.value(at: path)?.items ?? []).suffix(words.count)))
        case .separate(let path):
            let items = root.value(at: path)?[MCPClient.argumentsKey]?.items ?? []
            return expected(place, Array(items.suffix(words.count)))
        }
    }

    /// No list of arguments and an empty one are the same command line.
    private static func withoutEmptyList(_ root: ConfigValue, _ place: ProgramPlace) -> ConfigValue {
        guard case .separate(let path) = place.form, let table = root.value(at: path), table[MCPClient.argumentsKey]?.items?.isEmpty == true
        else { return root }
        let members = (table.members ?? []).filter { $0.key != MCPClient.argumentsKey }
        return root.replacing(path[...], with: ConfigValue(.table(members), at: table.span))
    }
}
