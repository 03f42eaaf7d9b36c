import ClientConfigs
import Descriptors
import Evidence
import Glibc
import StrictJSON

/// The host's own node and npm.
struct NodeInstaller: Installer {
    /// Resolved.
    let node: String
    /// Its `npm-cli.js`.
    private let npm: String
    private let registry: RegistryAddress
    private let certificates: String?

    private static let answerLimit = 16 << 20
    private static let lockName = "package-lock.json"
    private static let manifestName = "package.json"

    init(_ node: String, npm: String, _ registry: RegistryAddress, certificates: String?) {
        self.node = node
        self.npm = npm
        self.registry = registry
        self.certificates = certificates
    }

    var marks: [String] { [] }

    func resolve(_ request: PackageRequest, in store: borrowing PreparationStore, _ run: InstallerRun) throws(PrepareFailure)
        -> ResolvedPackages
    {
        let tree = ".resolving", given = ".given"
        try store.makeGiven(given, [])
        try store.makeOpen(tree)
        let finished = try session("resolve", request, tree, given, store, run)
        let id = finished.id
        finished.daemon.finish()
        let lock = try store.contents(of: Self.lockName, in: tree, limit: Self.answerLimit)
        try store.remove(tree)
        try store.remove(given)
        return try Self.read(lock, request, from: registry, id)
    }

    func install(
        _ resolved: ResolvedPackages, _ request: PackageRequest, into name: String, in store: borrowing PreparationStore,
        _ run: InstallerRun
    ) throws(PrepareFailure) -> InstallerSession.Finished {
        let given = ".given"
        try store.makeGiven(given, [(resolved.lockName, resolved.lock), (Self.manifestName, resolved.manifest)])
        try store.makeOpen(name)
        let finished = try session("install", request, name, given, store, run)
        try store.remove(given)
        return finished
    }

    private func session(
        _ action: String, _ request: PackageRequest, _ tree: String, _ given: String, _ store: borrowing PreparationStore,
        _ run: InstallerRun
    ) throws(PrepareFailure) -> InstallerSession.Finished {
        let name = registry.name
        let found = name == nil ? try registry.endpoint() : nil
        let library = npm.replacing("/bin/npm-cli.js", with: "")
        var inputs = [
            "tree": store.path(tree), "given": store.path(given), "node": node, "npm": library, "index": name ?? found?.endpoint ?? "",
        ]
        if let certificates { inputs["certificates"] = certificates }
        let told: JSON = [
            "requirements": .array(request.packages.map { .string($0.requirement(of: .npm)) }), "npm": .string(npm),
            "addresses": .object(JSONObject(found.map { [(registry.host, .string($0.address))] } ?? [])),
            "certificates": certificates.map(JSON.string) ?? .null,
        ]
        let words = [
            node, "-e", Self.program, "--", store.path(tree), store.path(given), action, String(decoding: told.encoded(), as: UTF8.self),
        ]
        return try run.session(
            name == nil ? "prepare-node-address" : "prepare-node", inputs, words, adding: ["SANDBOXD_INDEX": registry.url],
            name: request.package.plainName, writes: store.path(tree))
    }

    // MARK: The lock

    /// What npm found (package-lock.json(5), version 3): said by a session that reads what strangers wrote. Of each package it must say where in the
    /// registry it lies, and the hash that npm holds it to.
    static func read(
        _ lock: [UInt8], _ request: PackageRequest, from registry: RegistryAddress, _ session: String
    ) throws(PrepareFailure) -> ResolvedPackages {
        guard let json = try? JSON(parsing: lock, limits: JSONLimits(bytes: answerLimit)), json["lockfileVersion"]?.int64 == 3,
            let listed = json["packages"]?.object, listed.count <= 4_096, let root = json["packages"]?[""]
        else { throw .badAnswer("npm's lock is none") }
        var parts: [PreparedInstall.Part] = []
        var version: String?
        for (place, entry) in listed.members where !place.isEmpty {
            let part = try part(place, entry, registry)
            parts.append(part)
            if place.utf8.elementsEqual("node_modules/\(request.package.name)".utf8) { version = part.version }
        }
        guard let version, parts.count <= 2_048 else { throw .badAnswer("npm's lock lacks the package itself, or is too long") }
        let manifest: JSON = [
            "name": "prepared", "version": "0.0.0", "private": true, "dependencies": root["dependencies"] ?? .object(JSONObject()),
        ]
        return ResolvedPackages(
            parts: parts, lock: lock, lockName: lockName, manifest: manifest.encoded(), version: version, session: session)
    }

    private static func part(_ place: String, _ entry: JSON, _ registry: RegistryAddress) throws(PrepareFailure) -> PreparedInstall.Part {
        let names = place.replacing("node_modules/", with: "\u{0}").split(separator: "\u{0}", omittingEmptySubsequences: false)
        guard place.hasPrefix("node_modules/"), let last = names.last.map(String.init), let version = entry["version"]?.string,
            names.dropFirst().allSatisfy({ (try? PackageName(String($0.hasSuffix("/") ? $0.dropLast() : $0), of: .npm))?.version == .any }),
            let name = try? PackageName("\(last)@\(version)", of: .npm), case .exactly = name.version, entry["link"] == nil
        else { throw .badAnswer("npm's lock names \(Escaping.quoted(place)), which is no package of a registry") }
        // What a package brings in its own archive is covered by that one's hash.
        if entry["inBundle"]?.bool == true { return PreparedInstall.Part(name: last, version: version, hash: "bundled") }
        guard let from = entry["resolved"]?.string.flatMap(RegistryAddress.init), from.host == registry.host, from.port == registry.port
        else {
            throw .badAnswer(
                "\(Escaping.quoted(last)) would come from elsewhere than the registry: \(Escaping.quoted(entry["resolved"]?.string ?? ""))")
        }
        guard let hash = entry["integrity"]?.string, hash.hasPrefix("sha512-"), hash.utf8.count < 128 else {
            throw .badAnswer("the registry gives no SHA-512 of \(Escaping.quoted(last))")
        }
        return PreparedInstall.Part(name: last, version: version, hash: "sha512:" + hash.dropFirst(7))
    }
}

extension NodeInstaller {
    /// node and npm as they are found in PATH, root's own where root prepares for everybody.
    static func find(_ environment: CallerEnvironment) throws(PrepareFailure) -> (node: String, npm: String) {
        let path = geteuid() == 0 ? [] : (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/node" }
        for candidate in path + ["/usr/local/bin/node", "/usr/bin/node"] {
            guard access(candidate, X_OK) == 0, let node = resolved(candidate), PythonInstaller.isProgram(node) else { continue }
            let prefix = node.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
            let places = ["\(prefix)/lib/node_modules", "\(prefix)/share/nodejs", "/usr/share/nodejs"]
            guard let npm = places.lazy.map({ "\($0)/npm/bin/npm-cli.js" }).first(where: { access($0, R_OK) == 0 }).flatMap(resolved) else {
                continue
            }
            return (node, npm)
        }
        throw .noProgram("there is no node with an npm to install with", help: "install them (Debian: `apt install nodejs npm`)")
    }

    /// realpath(3).
    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(validatingCString: found)
    }
}
