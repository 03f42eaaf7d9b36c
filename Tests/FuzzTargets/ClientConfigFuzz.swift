import ClientConfigs

enum ClientConfigFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        for format in ConfigFormat.allCases {
            let document: ConfigDocument
            do { document = try ConfigDocument(bytes, format) } catch {
                let place = ConfigDocument.place(of: error.offset, in: bytes)
                try Contradiction.unless(error.offset <= bytes.count && place.line >= 1 && place.column >= 1, "a place that is none")
                continue
            }
            for file in MCPClient.allCases.flatMap(\.files) where file.format == format { try edit(document, file) }
        }
    }

    private static func edit(_ document: ConfigDocument, _ file: ClientFile) throws(Contradiction) {
        guard let entries = try? document.servers(of: file) else { return }
        for entry in entries {
            guard case .program(let place) = entry.kind else { continue }
            let wrapping = Wrapping(program: "/usr/bin/sandboxctl", policy: "time", name: entry.name, inputs: [])
            if let wrapped = try? document.wrapping(entry, wrapping, in: file) { try judge(wrapped, document, entry, place, file) }
            if WrappedCommand(place.words) != nil { _ = try? document.unwrapping(entry, in: file) }
        }
    }

    private static func judge(
        _ wrapped: [UInt8], _ document: ConfigDocument, _ entry: ServerEntry, _ place: ProgramPlace, _ file: ClientFile
    ) throws(Contradiction) {
        let again = try? ConfigDocument(wrapped, file.format)
        let found = try? again?.servers(of: file).first { $0.path.elementsEqual(entry.path) { $0.utf8.elementsEqual($1.utf8) } }
        guard let again, let found, case .program(let now) = found.kind else { throw Contradiction("a wrapped entry is gone") }
        try Contradiction.unless(WrappedCommand(now.words)?.command == place.words, "a wrapped entry starts something else")
        try Contradiction.unless((try? again.unwrapping(found, in: file)) == document.bytes, "unwrapping gives other bytes")
    }
}
