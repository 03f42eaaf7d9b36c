import Descriptors
import Policy

/// The policies that a command line names, by name, file or directory; directories are searched to their ends.
struct PolicyFiles: Sendable {
    /// What is to be checked.
    enum Subject: Sendable, Hashable {
        /// As `PolicyFinder` takes it.
        case policy(String)
        /// A document that tightens policies, and its bytes.
        case layer(String, [UInt8])
        /// A place where something keeps the search from its end: never passed over in silence.
        case unsearchable(String, Reason)
    }

    /// A YAML file that is not what is looked for.
    struct Skipped: Sendable, Hashable {
        let file: String
        let why: String
    }

    private(set) var subjects: [Subject] = []
    private(set) var skipped: [Skipped] = []
    /// At least one argument was a directory.
    private(set) var hasSearched = false

    /// Files beneath one directory that are looked at; and how deep it may be nested.
    private static let mostFiles = 10_000
    private static let deepest = 64

    private var filesSeen = 0

    init(_ arguments: [String], finder: PolicyFinder) {
        for argument in arguments {
            if Self.isDirectory(argument), !Self.isName(argument, finder) {
                search(argument)
            } else {
                subjects.append(Self.layer(argument) ?? .policy(argument))
            }
        }
    }

    /// A file that is a layer by its key.
    private static func layer(_ path: String) -> Subject? {
        guard PolicyFinder.isPath(path), let bytes = try? WorkingDirectory().contents(of: path, limit: DocumentKind.most),
            DocumentKind(bytes) == .layer
        else { return nil }
        return .layer(path, bytes)
    }

    private static func isDirectory(_ path: String) -> Bool { (try? WorkingDirectory().status(of: path).isDirectory) == true }

    /// A bare word is a name wherever a policy bears it.
    private static func isName(_ text: String, _ finder: PolicyFinder) -> Bool {
        !PolicyFinder.isPath(text) && (try? finder.find(text)) != nil
    }

    private mutating func search(_ argument: String) {
        hasSearched = true
        filesSeen = 0
        var path = argument
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        let before = subjects.count
        search(path, above: [])
        if subjects.count == before { fail(argument, Reason(.unreadable, ["file": argument, "error": "ENOENT", "problem": "noPolicies"])) }
    }

    private mutating func fail(_ path: String, _ reason: Reason) { subjects.append(.unsearchable(path, reason)) }

    private mutating func search(_ directory: String, above: [FileIdentity]) {
        let names: [[UInt8]]
        do throws(Errno) {
            let status = try WorkingDirectory().status(of: directory)
            let identity = FileIdentity(device: status.device, inode: status.inode)
            guard !above.contains(identity), above.count < Self.deepest else { throw .loop }
            names = try WorkingDirectory().open(directory, .directory).names()
            for name in names where name.first != UInt8(ascii: ".") { look(at: name, in: directory, above + [identity]) }
        } catch {
            fail(directory, Reason(.unreadable, ["file": directory, "error": error.name, "problem": "directory"]))
        }
    }

    private mutating func look(at name: [UInt8], in directory: String, _ above: [FileIdentity]) {
        let shown = String(decoding: name, as: UTF8.self)
        let path = directory == "." ? shown : directory == "/" ? "/" + shown : "\(directory)/\(shown)"
        let isYAML = shown.hasSuffix(".yaml") || shown.hasSuffix(".yml")
        guard shown.utf8.elementsEqual(name) else {
            if isYAML { fail(path, Reason(.unreadable, ["file": path, "error": "EILSEQ"])) }
            return
        }
        do throws(Errno) {
            if try WorkingDirectory().status(of: path).isDirectory { return search(path, above: above) }
            if isYAML { try look(atFile: path) }
        } catch {
            // A link that leads nowhere matters only where a policy would be.
            if isYAML { fail(path, Reason(.unreadable, ["file": path, "error": error.name])) }
        }
    }

    private mutating func look(atFile path: String) throws(Errno) {
        filesSeen += 1
        guard filesSeen <= Self.mostFiles else {
            if filesSeen == Self.mostFiles + 1 {
                fail(path, Reason(.tooLarge, ["what": "files in one directory", "limit": "\(Self.mostFiles)"]))
            }
            return
        }
        // What is too large to look into is told by whoever reads it as a policy.
        guard let bytes = try WorkingDirectory().contents(of: path, limit: DocumentKind.most) else { return subjects.append(.policy(path)) }
        switch DocumentKind(bytes) {
        case .policy: subjects.append(.policy(path))
        case .layer: subjects.append(.layer(path, bytes))
        case .other: skipped.append(Skipped(file: path, why: "no key `sandboxd`"))
        }
    }
}

/// A directory, by whatever path it is reached.
private struct FileIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
}
