import ClientConfigs
import Descriptors
import Glibc
import StrictJSON

/// Where prepared packages lie: `PLACE/REGISTRY/NAME`, beside each its record and its manifest.
struct PreparedPlace: Sendable, Hashable {
    /// Absolute.
    let path: String
    /// Whose all of it is.
    let owner: UInt32

    /// What root has prepared, for everybody.
    static let system = PreparedPlace(path: "/var/lib/sandboxd/prepared", owner: 0)
    private static let recordLimit = 1 << 20
    private static let manifestLimit = 64 << 20

    /// The caller's own. Root's is the system's, unless its state is said to be elsewhere.
    static func own(_ environment: CallerEnvironment) -> PreparedPlace? {
        if geteuid() == 0, environment["XDG_STATE_HOME"]?.hasPrefix("/") != true { return system }
        return environment.directory("XDG_STATE_HOME", belowHome: ".local/state")
            .map { PreparedPlace(path: resolved($0) + "/sandboxd/prepared", owner: geteuid()) }
    }

    /// Those that are looked at for a command line: the caller's own first.
    static func all(_ environment: CallerEnvironment) -> [PreparedPlace] {
        let own = own(environment)
        return own == system ? [system] : [own, system].compactMap(\.self)
    }

    /// realpath(3), as far as something is there.
    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(validatingCString: found) ?? path
    }

    func directory(_ registry: PackageRequest.Registry) -> String { "\(path)/\(registry.rawValue)" }

    /// All that have a whole record, the latest first.
    func installs() -> [PreparedInstall] {
        PackageRequest.Registry.allCases.flatMap { registry in
            names(registry).compactMap { record($0, registry) }
        }.sorted { ($1.time, $1.name) < ($0.time, $0.name) }
    }

    /// Those whose record is there. A directory that others may write has none.
    private func names(_ registry: PackageRequest.Registry) -> [String] {
        let names = (try? opened(registry).names()) ?? []
        return names.compactMap { String(validating: $0, as: UTF8.self) }.filter { $0.hasSuffix(PreparedInstall.recordEnding) }
            .map { String($0.dropLast(PreparedInstall.recordEnding.utf8.count)) }
    }

    private func opened(_ registry: PackageRequest.Registry) throws(Errno) -> OwnedDescriptor {
        let root = try WorkingDirectory().open(path, [.read, .directory, .noFollow])
        try check(root)
        let directory = try root.open(registry.rawValue, [.read, .directory, .noFollow])
        try check(directory)
        return directory
    }

    private func check(_ directory: borrowing OwnedDescriptor) throws(Errno) {
        let status = try directory.status()
        guard status.owner == owner, status.permissions & 0o022 == 0 else { throw .permission }
    }

    /// nil where there is none, or what is there is none.
    func record(_ name: String, _ registry: PackageRequest.Registry) -> PreparedInstall? {
        guard let directory = try? opened(registry),
            let bytes = Self.contents(name + PreparedInstall.recordEnding, in: directory, owner, Self.recordLimit),
            let json = try? JSON(parsing: bytes)
        else { return nil }
        return PreparedInstall(json, at: "\(self.directory(registry))/\(name)")
    }

    /// Of a regular file of the owner's that nobody else may write.
    private static func contents(
        _ name: String, in directory: borrowing OwnedDescriptor, _ owner: UInt32, _ limit: Int
    ) -> [UInt8]? {
        guard let file = try? directory.open(name, [.read, .noFollow, .nonBlocking]), let status = try? file.status(),
            status.isRegularFile, status.owner == owner, status.permissions & 0o022 == 0, status.size <= limit
        else { return nil }
        return try? file.bytes(at: 0, count: status.size)
    }

    /// Where a path lies in one that is prepared; nil for what lies elsewhere. `Name` need not have a record.
    func holder(of file: String) -> (registry: PackageRequest.Registry, name: String)? {
        guard file.utf8.starts(with: (path + "/").utf8) else { return nil }
        let parts = file.dropFirst(path.count + 1).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 2, let registry = PackageRequest.Registry(rawValue: parts[0]) else { return nil }
        return (registry, parts[1])
    }

    /// What changed since it was prepared; nil where all is as it was.
    func change(of install: PreparedInstall) -> TreeChange? {
        let now: TreeManifest
        do { now = try TreeManifest(of: install.path, owner: owner) } catch { return .unfit(error) }
        guard now.digest != install.tree else { return nil }
        guard let directory = try? opened(install.registry),
            let earlier = Self.contents(install.name + PreparedInstall.manifestEnding, in: directory, owner, Self.manifestLimit),
            TreeManifest.digest(of: earlier) == install.tree
        else { return .record }
        return now.change(since: earlier) ?? .record
    }
}
