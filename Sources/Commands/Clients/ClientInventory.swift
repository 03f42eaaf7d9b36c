import ClientConfigs

/// The servers that the clients of this user are configured with.
struct ClientInventory: Sendable {
    /// A file that says something, and nobody knows what.
    struct Unread: Sendable {
        let place: ClientPlace
        /// Where in it; both from 1.
        let position: (line: Int, column: Int)?
        let message: String
        let help: String?
    }

    private(set) var servers: [ConfiguredServer] = []
    private(set) var unread: [Unread] = []

    init(_ surroundings: ClientSurroundings) {
        for place in ClientPlace.all(surroundings) { read(place) }
    }

    private mutating func read(_ place: ClientPlace) {
        let file: ClientConfigFile?
        do throws(ClientFileObstacle) { file = try ClientConfigFile(place) } catch {
            unread.append(Unread(place: place, position: nil, message: error.words.message, help: error.words.help))
            return
        }
        guard let file else { return }
        do throws(ConfigProblem) {
            try read(ConfigDocument(file.bytes, place.file.format), place)
        } catch {
            refuse(place, file.bytes, at: error.offset, Escaping.line(error.words))
        }
    }

    private mutating func read(_ document: ConfigDocument, _ place: ClientPlace) {
        do throws(ConfigDocument.NoTable) {
            servers += try document.servers(of: place.file).map { ConfiguredServer(place: place, document: document, entry: $0) }
        } catch {
            let what = error.name.isEmpty ? "the whole" : Escaping.quoted(error.name)
            refuse(place, document.bytes, at: error.offset, "\(what) is no table")
        }
    }

    private mutating func refuse(_ place: ClientPlace, _ bytes: [UInt8], at offset: Int, _ message: String) {
        unread.append(
            Unread(
                place: place, position: ConfigDocument.place(of: offset, in: bytes), message: "is not understood: \(message)",
                help: "\(place.file.client.title) may start servers that are not shown here"))
    }
}

extension ClientInventory.Unread {
    func words(_ surroundings: ClientSurroundings) -> (message: String, help: String?) {
        let at = position.map { ":\($0.line):\($0.column)" } ?? ""
        return ("\(Escaping.quoted(place.shown(surroundings) + at)) \(message)", help)
    }
}
