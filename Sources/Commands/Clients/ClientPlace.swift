import ClientConfigs

/// Where a client's file lies for this user, in this directory.
struct ClientPlace: Sendable, Hashable {
    let file: ClientFile
    /// Nobody but the user, or the system, says where this leads.
    let base: String
    /// Absolute.
    let path: String

    /// nil where the client has no such place here.
    init?(_ file: ClientFile, _ surroundings: ClientSurroundings) {
        let environment = surroundings.environment
        self.file = file
        switch file.base {
        case .home: base = environment.home ?? ""
        case .configuration: base = environment.directory("XDG_CONFIG_HOME", belowHome: ".config") ?? ""
        case .project: base = surroundings.project ?? ""
        case .variable(let name, let below):
            let home = environment.home.map { below.isEmpty ? $0 : "\($0)/\(below)" }
            base = environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home ?? ""
        case .named(let name):
            guard let path = environment[name], path.hasPrefix("/"), let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
                return nil
            }
            self.path = path
            base = String(path[..<slash])
            return
        case .root: base = "/"
        }
        guard !base.isEmpty else { return nil }
        path = base == "/" ? "/\(file.path)" : "\(base)/\(file.path)"
    }

    /// All of them, each path once.
    static func all(_ surroundings: ClientSurroundings) -> [ClientPlace] {
        var seen: Set<[UInt8]> = []
        return MCPClient.allCases.flatMap(\.files).compactMap { ClientPlace($0, surroundings) }.filter { place in
            // A project that is the home itself: its files are the user's.
            seen.insert(Array("\(place.file.client.rawValue) \(place.path)".utf8)).inserted
        }
    }

    /// With `~` for the home, and `.` for the directory that this was asked in.
    func shown(_ surroundings: ClientSurroundings) -> String {
        if file.base == .project { return "./\(file.path)" }
        guard let home = surroundings.home, path.utf8.starts(with: (home + "/").utf8) else { return path }
        return "~" + path.dropFirst(home.count)
    }
}
