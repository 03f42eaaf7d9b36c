import Descriptors
import Glibc
import Policy
import PolicyText

/// The documents of the host's administrator that tighten policies. They are root's, so that the daemon opens them itself; each session
/// is held by what they say when it starts.
enum Layers {
    static let directory = "/etc/sandboxd/layers"

    private static let most = 64
    private static let longest = 1 << 20

    /// All layers of this host, by file name. Throws every reason against one of them: where nobody can tell what a layer says, nothing starts.
    /// `owner` is whose they must be.
    static func read(in path: String = directory, owner: UInt32 = 0) throws(Refusal) -> [LayerDraft] {
        var drafts: [LayerDraft] = []
        var reasons: [Reason] = []
        for source in try sources(in: path, owner: owner) {
            do throws(Refusal) { drafts.append(try PolicyText.parseLayer(source)) } catch { reasons += error.reasons.all }
        }
        try Refusal.check(reasons)
        return drafts
    }

    /// The bytes of all documents.
    static func sources(in path: String, owner: UInt32) throws(Refusal) -> [PolicySource] {
        guard let names = try names(in: path, owner: owner) else { return [] }
        var sources: [PolicySource] = []
        var reasons: [Reason] = []
        for name in names {
            let file = path + "/" + String(decoding: name, as: UTF8.self)
            do throws(Refusal) { sources.append(PolicySource(name: file, bytes: try bytes(of: file, owner: owner))) } catch {
                reasons += error.reasons.all
            }
        }
        try Refusal.check(reasons)
        return sources
    }

    /// `nil` where the host has no place for layers.
    private static func names(in path: String, owner: UInt32) throws(Refusal) -> [[UInt8]]? {
        let names: [[UInt8]], status: FileStatus
        do throws(Errno) {
            let directory = try WorkingDirectory().open(path, .directory)
            status = try directory.status()
            names = try directory.names().filter(isLayer)
        } catch {
            if error == .noEntry { return nil }
            throw Refusal(unreadable(path, error))
        }
        if isForeign(status, owner) { throw Refusal(foreign(path)) }
        guard names.count <= most else { throw Refusal(tooLarge(path, "layers", most)) }
        return names
    }

    private static func bytes(of file: String, owner: UInt32) throws(Refusal) -> [UInt8] {
        let bytes: [UInt8]?
        let status: FileStatus
        do throws(Errno) {
            let descriptor = try WorkingDirectory().open(file, [.read, .nonBlocking, .noFollow])
            status = try descriptor.status()
            guard status.isRegularFile else { throw .invalid }
            bytes = try descriptor.readAll(limit: longest)
        } catch {
            throw Refusal(unreadable(file, error))
        }
        if isForeign(status, owner) { throw Refusal(foreign(file)) }
        guard let bytes else { throw Refusal(tooLarge(file, "bytes", longest)) }
        return bytes
    }

    private static func isLayer(_ name: [UInt8]) -> Bool {
        [".yaml", ".yml"].contains { name.reversed().starts(with: $0.utf8.reversed()) }
    }

    /// Whether others than root may write it.
    private static func isForeign(_ status: FileStatus, _ owner: UInt32) -> Bool {
        status.owner != owner || status.permissions & 0o022 != 0
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
