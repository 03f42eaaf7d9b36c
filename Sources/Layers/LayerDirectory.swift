import Descriptors
public import Policy
public import PolicyText

/// Where the documents lie that tighten policies. A host's are its administrator's: root's alone, so that the daemon opens them itself; each
/// session is held by what they say when it starts.
public struct LayerDirectory: Sendable, Hashable {
    public let path: String
    /// Whose the directory and the documents must be, writable by nobody else; `nil` where that does not matter, since they hold nobody.
    let owner: UInt32?
    /// Whether there must be such a directory; where not, a missing one holds no layer.
    let isRequired: Bool

    /// Where a host's layers lie unless sandboxd was told otherwise.
    public static let defaultPath = "/etc/sandboxd/layers"

    /// That of this host.
    public static let host = LayerDirectory(path: defaultPath, owner: 0)

    private static let most = 64
    private static let longest = 1 << 20

    public init(path: String, owner: UInt32?, isRequired: Bool = false) {
        self.path = path
        self.owner = owner
        self.isRequired = isRequired
    }

    /// All layers, by file name. Throws every reason against one of them: where nobody can tell what a layer says, nothing starts.
    public func read() throws(Refusal) -> [LayerDraft] { try Self.parse(try sources()) }

    /// Documents as layers, each with a name of its own. Throws every reason (R143 for a name that two of them bear).
    public static func parse(_ sources: [PolicySource], accepting acceptance: Acceptance = .enforced) throws(Refusal) -> [LayerDraft] {
        var drafts: [LayerDraft] = []
        var reasons: [Reason] = []
        for source in sources {
            do throws(Refusal) {
                let draft = try PolicyText.parseLayer(source, accepting: acceptance)
                if let first = drafts.first(where: { $0.name.utf8.elementsEqual(draft.name.utf8) }) {
                    reasons.append(Reason(.duplicateLayer, at: draft.nameLocation, ["layer": draft.name, "file": first.nameLocation.file]))
                }
                drafts.append(draft)
            } catch {
                reasons += error.reasons.all
            }
        }
        try Refusal.check(reasons)
        return drafts
    }

    /// The bytes of all documents, by file name.
    public func sources() throws(Refusal) -> [PolicySource] {
        guard let names = try names() else { return [] }
        var sources: [PolicySource] = []
        var reasons: [Reason] = []
        for name in names {
            let file = path + (path.hasSuffix("/") ? "" : "/") + String(decoding: name, as: UTF8.self)
            do throws(Refusal) { sources.append(PolicySource(name: file, bytes: try bytes(of: file))) } catch {
                reasons += error.reasons.all
            }
        }
        try Refusal.check(reasons)
        return sources
    }

    /// The bytes of one document, whosever it is; `nil` where it is no file that can be read whole.
    public static func text(of file: String) -> [UInt8]? {
        try? LayerDirectory(path: "", owner: nil).bytes(of: file)
    }

    /// `nil` where there is no such directory, and need not be.
    private func names() throws(Refusal) -> [[UInt8]]? {
        let names: [[UInt8]], status: FileStatus
        do throws(Errno) {
            let directory = try WorkingDirectory().open(path, .directory)
            status = try directory.status()
            names = try directory.names().filter(Self.isLayer).sorted { $0.lexicographicallyPrecedes($1) }
        } catch {
            if error == .noEntry, !isRequired { return nil }
            throw Refusal(Self.unreadable(path, error))
        }
        if isForeign(status) { throw Refusal(Self.foreign(path)) }
        guard names.count <= Self.most else { throw Refusal(Self.tooLarge(path, "layers", Self.most)) }
        return names
    }

    func bytes(of file: String) throws(Refusal) -> [UInt8] {
        let bytes: [UInt8]?
        let status: FileStatus
        do throws(Errno) {
            let descriptor = try WorkingDirectory().open(file, [.read, .nonBlocking, .noFollow])
            status = try descriptor.status()
            guard status.isRegularFile else { throw .invalid }
            bytes = try descriptor.readAll(limit: Self.longest)
        } catch {
            throw Refusal(Self.unreadable(file, error))
        }
        if isForeign(status) { throw Refusal(Self.foreign(file)) }
        guard let bytes else { throw Refusal(Self.tooLarge(file, "bytes", Self.longest)) }
        return bytes
    }

    /// Whether the directory is its owner's alone.
    var isOwners: Bool {
        guard let status = try? WorkingDirectory().open(path, .directory).status() else { return false }
        return status.isDirectory && !isForeign(status)
    }

    private static func isLayer(_ name: [UInt8]) -> Bool {
        [".yaml", ".yml"].contains { name.reversed().starts(with: $0.utf8.reversed()) }
    }

    /// Whether others than its owner may write it.
    private func isForeign(_ status: FileStatus) -> Bool {
        guard let owner else { return false }
        return status.owner != owner || status.permissions & 0o022 != 0
    }

    // MARK: Reasons

    private static func place(_ file: String) -> SourceLocation { SourceLocation(file: file, line: 1, column: 1) }

    private static func unreadable(_ file: String, _ error: Errno) -> Reason {
        Reason(.unreadable, at: place(file), ["file": file, "error": error.name])
    }

    private static func foreign(_ file: String) -> Reason { Reason(.foreignLayer, at: place(file), ["file": file]) }

    private static func tooLarge(_ file: String, _ what: String, _ limit: Int) -> Reason {
        Reason(.tooLarge, at: place(file), ["what": what, "limit": "\(limit)"])
    }
}
