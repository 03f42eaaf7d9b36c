import Glibc
import Policy
import StrictJSON

/// The smallest policy for what was seen, as text for people.
struct LearnedPolicy {
    /// Where it is learned: what paths are written by.
    struct Place: Sendable {
        var home: String?
        /// `${project}`; nil where paths are written out.
        var project: String?
        /// Paths that are granted anyway, resolved: by the floor, the command and the preset that is included.
        var covered: Set<String> = []
        /// The preset that is included.
        var preset: String?
        /// Of the nameservers.
        var nameservers: Set<IPAddress> = []
    }

    let sightings: Sightings
    let place: Place
    /// `name`, and what the head says first.
    var name = "learned"
    var head: [String] = []
    /// What could not be observed.
    var unobserved: [String] = []
    /// Clauses that are taken from elsewhere, with where from.
    var copied: [(clause: String, value: JSON, comment: String)] = []
    /// Of the server's environment, where it is not copied.
    var environment: JSON?
    /// Lines that a first attempt was refused for, by path, with why.
    var refused: [String: String] = [:]

    private var reads: PathGeneralisation { generalised([.read, .execute], [.list]) }

    static func isToolName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "_.-".utf8.contains($0) }
    }

    // MARK: Text

    var text: String {
        var yaml = YAMLText()
        for line in head { yaml.remark(0, line) }
        writeUnobserved(&yaml)
        yaml.add(0, "sandboxd: 1")
        yaml.add(0, "name: \(YAMLText.scalar(name))")
        if let preset = place.preset { yaml.add(0, "include: [\(YAMLText.scalar(preset))]") }
        if place.project != nil { yaml.add(0, "inputs: {project: \"${cwd}\"}") }
        if let environment {
            yaml.block(0, "server", ["env": environment], comment: "as it was learned under: what is read of it cannot be seen")
        }
        writeTools(&yaml)
        for (clause, value, comment) in copied { yaml.block(0, clause, value, comment: comment) }
        writeKernelClauses(&yaml)
        return yaml.text
    }

    private func writeUnobserved(_ yaml: inout YAMLText) {
        var lines = unobserved
        if sightings.uncounted > 0 { lines.append("\(sightings.uncounted) things beyond the number that is kept") }
        if sightings.unnamed > 0 { lines.append("\(sightings.unnamed) calls of tools with names that no tool can have: they are blocked") }
        if sightings.unreadable > 0 { lines.append("\(sightings.unreadable) acts whose paths or addresses could not be read") }
        guard !lines.isEmpty else { return }
        yaml.remark(0, "Not observed, and so not granted:")
        for line in lines { yaml.remark(0, "  - \(line)") }
    }

    // MARK: Calls and messages

    func writeTools(_ yaml: inout YAMLText) {
        guard !sightings.tools.isEmpty else {
            yaml.add(0, "tools: {}", comment: "no call was seen")
            return
        }
        yaml.add(0, "tools:")
        yaml.add(2, "rules:")
        for (tool, seen) in sightings.tools.sorted(by: { $0.key < $1.key }) { Self.write(tool, seen, id: tool, 4, &yaml) }
    }

    static func write(_ tool: String, _ seen: Sightings.Tool, id: String, _ indent: Int, _ yaml: inout YAMLText) {
        yaml.add(indent, "- id: \(YAMLText.scalar(id))", comment: "called \(seen.tally.words)")
        yaml.add(indent + 2, "tools: [\(YAMLText.scalar(tool))]")
        yaml.add(indent + 2, "effect: \(seen.isAsked ? "ask" : "allow")")
        if let shape = seen.shape, seen.isShapeKnown {
            yaml.add(indent + 2, "arguments: \(YAMLText.flow(shape.schema))")
        } else {
            yaml.remark(indent + 2, "what its arguments were is not known: any are taken")
        }
    }

    private func writeMessages(_ yaml: inout YAMLText) {
        let resources = sightings.resources.filter { Self.isPattern($0.key) && $0.key.contains(":") }
        let prompts = sightings.prompts.filter { Self.isPattern($0.key) }
        guard !resources.isEmpty || !prompts.isEmpty || !sightings.messages.isEmpty else { return }
        yaml.add(0, "messages:")
        writeList(2, "resources", resources, &yaml)
        writeList(2, "prompts", prompts, &yaml)
        for (kind, tally) in sightings.messages.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            yaml.add(2, "\(kind.rawValue): allow", comment: tally.words)
        }
    }

    private func writeList(_ indent: Int, _ key: String, _ entries: [String: Sightings.Tally], _ yaml: inout YAMLText) {
        guard !entries.isEmpty else { return }
        yaml.add(indent, "\(key):")
        for (entry, tally) in entries.sorted(by: { $0.key < $1.key }) {
            yaml.add(indent + 2, "- \(YAMLText.scalar(entry))", comment: tally.words)
        }
    }

    /// What a pattern takes as it stands.
    private static func isPattern(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 1_000 && !text.unicodeScalars.contains(where: Escaping.isHidden)
            && !text.utf8.contains { "*?[]{}$".utf8.contains($0) }
    }

    // MARK: The kernel's clauses

    /// What is no tool's.
    func writeKernelClauses(_ yaml: inout YAMLText) {
        writeMessages(&yaml)
        writeEgress(&yaml)
        writeFiles(&yaml)
        writeProcesses(&yaml)
        writeDenied(&yaml)
    }

    private func writeEgress(_ yaml: inout YAMLText) {
        var tcp: [String: Sightings.Tally] = [:]
        var udp: [String: Sightings.Tally] = [:]
        var unix: [String: Sightings.Tally] = [:]
        var names = Sightings.Tally()
        for (act, tally) in sightings.acts {
            switch act {
            case .connect(let address, 53) where place.nameservers.contains(address): names.add(tally)
            case .send(let address, 53) where place.nameservers.contains(address): names.add(tally)
            case .connect(let address, let port): if let text = Self.endpoint(address, port) { tcp[text, default: .init()].add(tally) }
            case .send(let address, let port): if let text = Self.endpoint(address, port) { udp[text, default: .init()].add(tally) }
            case .connectUnix(let path): if let text = written(path) { unix[text, default: .init()].add(tally) }
            case .connectNamed, .bind, .file, .spawn: break
            }
        }
        guard !tcp.isEmpty || !udp.isEmpty || !unix.isEmpty || names.count > 0, !isCopied("egress") else { return }
        yaml.add(0, "egress:")
        for (name, tally) in sightings.names.sorted(by: { $0.key < $1.key }).prefix(100) {
            yaml.remark(2, "a nameserver was asked for \(Escaping.quoted(name)), \(tally.words)")
        }
        writeList(2, "tcp", tcp.filter { refused[$0.key] == nil }, &yaml)
        writeList(2, "udp", udp.filter { refused[$0.key] == nil }, &yaml)
        writeList(2, "unix", unix.filter { refused[$0.key] == nil }, &yaml)
        if names.count > 0 { yaml.add(2, "dns: host", comment: names.words) }
    }

    static func endpoint(_ address: IPAddress, _ port: UInt16) -> String? {
        guard port > 0 else { return nil }
        let text = address.width == 128 ? "[\(address)]:\(port)" : "\(address):\(port)"
        return (try? EndpointPattern(text)) == nil ? nil : text
    }

    private func writeFiles(_ yaml: inout YAMLText) {
        guard !isCopied("files") else { return }
        let reads = reads
        let writes = writes
        let executes = files([.execute])
        let written = Set(writes.granted.keys)
        let read = reads.granted.filter { !PathGeneralisation.isCovered($0.key, by: written) }
        let metadata = files([.chmod]).values.reduce(into: Sightings.Tally()) { $0.add($1) }
        let lists = [paths(read), paths(writes.granted), paths(executes)]
        let isEmpty = lists.allSatisfy(\.isEmpty) && metadata.count == 0
        guard !isEmpty || !reads.tooWide.isEmpty || !writes.tooWide.isEmpty || !refused.isEmpty else { return }
        yaml.add(0, isEmpty ? "files: {}" : "files:")
        for (key, list) in zip(["read", "write", "execute"], lists) { writeList(2, key, list, &yaml) }
        if metadata.count > 0 { yaml.add(2, "metadata: owned", comment: metadata.words) }
        for (path, tally) in (reads.tooWide.merging(writes.tooWide) { one, _ in one }).sorted(by: { $0.key < $1.key }) {
            yaml.remark(2, "left out, since it is too wide to be granted whole: \(Escaping.quoted(path)), \(tally.words)")
        }
        for (path, why) in refused.sorted(by: { $0.key < $1.key }) { yaml.remark(2, "left out: \(Escaping.quoted(path)): \(why)") }
    }

    private func isCopied(_ clause: String) -> Bool { copied.contains { $0.clause == clause } }

    private func files(_ verbs: Set<PolicyAct.FileVerb>) -> [String: Sightings.Tally] {
        var found: [String: Sightings.Tally] = [:]
        for case (.file(let verb, let path), let tally) in sightings.acts where verbs.contains(verb) {
            guard !Self.isElsewhere(path) else { continue }
            found[path, default: .init()].add(tally)
        }
        return found
    }

    private func generalised(_ verbs: Set<PolicyAct.FileVerb>, _ listing: Set<PolicyAct.FileVerb>) -> PathGeneralisation {
        let isNew = { (path: String) in !PathGeneralisation.isCovered(path, by: place.covered) }
        return PathGeneralisation(
            files: files(verbs).filter { isNew($0.key) }, directories: files(listing).filter { isNew($0.key) }, homes: homes)
    }

    /// What is made or removed changes its directory.
    private var writes: PathGeneralisation {
        var directories: [String: Sightings.Tally] = [:]
        for (path, tally) in files([.create, .remove]) { directories[PathGeneralisation.directory(of: path), default: .init()].add(tally) }
        return PathGeneralisation(files: files([.write]), directories: directories, homes: homes)
    }

    /// A project may be written to whole; a home may not.
    private var homes: Set<String> {
        Set([place.home].compactMap { $0 }.filter { $0 != place.project })
    }

    private static func isTemporary(_ act: PolicyAct) -> Bool {
        guard case .file(_, let path) = act else { return false }
        return path == "/tmp" || path == "/var/tmp" || path.hasPrefix("/tmp/") || path.hasPrefix("/var/tmp/")
    }

    private static func isOwnProcess(_ act: PolicyAct) -> Bool {
        guard case .file(_, let path) = act else { return false }
        return path == "/proc" || path.hasPrefix("/proc/")
    }

    /// Granted by other clauses, or by none.
    private static func isElsewhere(_ path: String) -> Bool {
        ["/proc", "/sys", "/dev"].contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    private func paths(_ found: [String: Sightings.Tally]) -> [String: Sightings.Tally] {
        var list: [String: Sightings.Tally] = [:]
        for (path, tally) in found where refused[path] == nil {
            if let text = written(path) { list[text] = tally }
        }
        return list
    }

    /// As a policy has it; nil for what it cannot have.
    func written(_ path: String) -> String? {
        guard path.hasPrefix("/"), path.utf8.count <= 4_096, !path.unicodeScalars.contains(where: Escaping.isHidden),
            !path.utf8.contains(where: { "*?[$".utf8.contains($0) })
        else { return nil }
        for (variable, directory) in [("${project}", place.project), ("${home}", place.home)] {
            guard let directory, directory != "/" else { continue }
            if path == directory { return variable }
            if path.hasPrefix(directory + "/") { return variable + path.dropFirst(directory.count) }
        }
        return path
    }

    /// What `written` made of it, back.
    func path(of text: String) -> String {
        for (variable, directory) in [("${project}", place.project), ("${home}", place.home)] {
            if let directory, text == variable || text.hasPrefix(variable + "/") { return directory + text.dropFirst(variable.count) }
        }
        return text
    }

    private func writeProcesses(_ yaml: inout YAMLText) {
        guard let tally = sightings.acts[.spawn], !isCopied("processes") else { return }
        yaml.add(0, "processes:")
        yaml.add(2, "spawn: any", comment: "a process was made \(tally.words)")
    }

    // MARK: What was denied

    private func writeDenied(_ yaml: inout YAMLText) {
        if !sightings.blocked.isEmpty {
            yaml.remark(0, "Calls that were blocked, and stay so:")
            for (tool, tally) in sightings.blocked.sorted(by: { $0.key < $1.key }).prefix(100) {
                yaml.remark(0, "  - \(Escaping.quoted(tool)), \(tally.words)")
            }
        }
        guard !sightings.denied.isEmpty else { return }
        yaml.remark(0, "Acts that were tried and denied, and stay so; grant what is wanted:")
        for (act, tally) in sightings.denied.sorted(by: { $0.key.words < $1.key.words }).prefix(200) {
            yaml.remark(0, "  - \(act.words), \(tally.words)")
        }
        if sightings.denied.keys.contains(where: Self.isTemporary) {
            yaml.remark(0, "`files: {tmp: private}` gives it a /tmp and /var/tmp of its own.")
        }
        if sightings.denied.keys.contains(where: Self.isOwnProcess) {
            yaml.remark(0, "`files: {proc: session}` shows it its own processes in /proc, where the host can do that.")
        }
    }
}

extension PolicyAct {
    /// As a test of a policy has it; foreign names escaped.
    var words: String {
        switch self {
        case .connect(let address, let port): "connect \(Self.text(address, port))"
        case .connectNamed(_, let name, let port): "connect \(name):\(port)"
        case .connectUnix(let path): "connect unix:\(Escaping.line(path))"
        case .send(let address, let port): "send udp \(Self.text(address, port))"
        case .bind(let address, let port): "bind \(Self.text(address, port))"
        case .file(let verb, let path): "\(verb.rawValue) \(Escaping.line(path))"
        case .spawn: "spawn"
        }
    }

    private static func text(_ address: IPAddress, _ port: UInt16) -> String {
        address.width == 128 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
