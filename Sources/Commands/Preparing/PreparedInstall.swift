import ClientConfigs
import Descriptors
import Evidence
import StrictJSON

/// A package that was installed once, with all that it needs, and is not to change any more.
struct PreparedInstall: Sendable, Hashable {
    /// One of what was installed, as its registry has it.
    struct Part: Sendable, Hashable {
        let name: String
        let version: String
        /// As the installer checked it: `sha256:…`, `sha512:…`.
        let hash: String
    }

    let registry: PackageRequest.Registry
    /// The package that was asked for.
    let package: String
    let version: String
    /// What the installer was given, the package's own first.
    let requirements: [String]
    /// As it was asked for; nil where the host's own was taken.
    let python: String?
    let parts: [Part]
    /// Whether packages' own programs ran while it was installed.
    let ranScripts: Bool
    /// SHA-256 of the lock file, and of the tree's manifest.
    let lock: Digest
    let tree: Digest
    let entries: Int
    /// RFC 3339.
    let time: String
    /// Which log has its receipt, and where.
    var log: String
    var receipt: Int64
    /// The directory; absolute.
    let path: String

    /// Of the tree, in words.
    var digest: String { tree.hex }
    /// Where its programs are.
    var programs: String {
        switch registry {
        case .pypi: path + "/bin"
        case .npm: path + "/node_modules/.bin"
        }
    }
    var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    static let recordEnding = ".json"
    static let manifestEnding = ".files"
    private static let format: Int64 = 1

    /// Whether it is what a command line asks for.
    func answers(_ request: PackageRequest) -> Bool {
        guard request.registry == registry, request.python == nil || request.python == python else { return false }
        let wanted = request.packages.map { $0.requirement(of: registry) }
        guard Set(wanted.dropFirst()) == Set(requirements.dropFirst()) else { return false }
        let any = request.package.requirement(of: registry, version: .any)
        switch request.package.version {
        case .any: return isOf(any)
        case .exactly(let exact): return isOf(any) && exact == version
        case .within: return requirements.first == wanted.first
        }
    }

    /// Of this package with these extras, whichever version was asked for.
    private func isOf(_ package: String) -> Bool {
        guard let own = requirements.first else { return false }
        guard own.hasPrefix(package), let next = own.utf8.dropFirst(package.utf8.count).first else { return own == package }
        return "=<>~!@".utf8.contains(next)
    }
}

extension PreparedInstall {
    /// Its record, canonical.
    var record: JSON {
        [
            "format": .number(JSONNumber(Self.format)), "registry": .string(registry.rawValue), "package": .string(package),
            "version": .string(version), "requirements": .array(requirements.map(JSON.string)), "python": python.map(JSON.string) ?? .null,
            "parts": .array(parts.map { ["name": .string($0.name), "version": .string($0.version), "hash": .string($0.hash)] }),
            "scripts": .bool(ranScripts), "lock": .string(lock.hex), "tree": .string(tree.hex), "entries": JSON(entries),
            "time": .string(time), "log": .string(log), "receipt": .number(JSONNumber(receipt)),
        ]
    }

    /// nil for what is no record of this version's.
    init?(_ record: JSON, at path: String) {
        guard record["format"]?.int64 == Self.format,
            let registry = record["registry"]?.string.flatMap(PackageRequest.Registry.init(rawValue:)),
            let package = record["package"]?.string, let version = record["version"]?.string,
            let requirements = record["requirements"]?.array?.compactMap(\.string), !requirements.isEmpty,
            let listed = record["parts"]?.array, let scripts = record["scripts"]?.bool,
            let lock = record["lock"]?.string.flatMap({ Digest(hex: $0) }), let tree = record["tree"]?.string.flatMap({ Digest(hex: $0) }),
            let entries = record["entries"]?.int64, let time = record["time"]?.string, let log = record["log"]?.string,
            let receipt = record["receipt"]?.int64
        else { return nil }
        let parts = listed.compactMap { Part($0) }
        guard parts.count == listed.count else { return nil }
        self.init(
            registry: registry, package: package, version: version, requirements: requirements, python: record["python"]?.string,
            parts: parts, ranScripts: scripts, lock: lock, tree: tree, entries: Int(entries), time: time, log: log, receipt: receipt,
            path: path)
    }
}

extension PreparedInstall.Part {
    init?(_ json: JSON) {
        guard let name = json["name"]?.string, let version = json["version"]?.string, let hash = json["hash"]?.string else { return nil }
        self.init(name: name, version: version, hash: hash)
    }
}
