import ClientConfigs
import Descriptors
import Evidence
import Glibc
import StrictJSON

/// The host's own Python, with the pip that it brings (ensurepip).
struct PythonInstaller: Installer {
    /// Resolved.
    let python: String
    private let source: Source

    enum Source {
        /// An index, and where its files are.
        case index(RegistryAddress, files: RegistryAddress, certificates: String?)
        /// A directory of wheels.
        case directory(String)
    }

    private static let answerLimit = 8 << 20
    private static let answer = "resolved.json"

    init(_ python: String, _ source: Source) {
        self.python = python
        self.source = source
    }

    var marks: [String] { [python] }

    func resolve(_ request: PackageRequest, in store: borrowing PreparationStore, _ run: InstallerRun) throws(PrepareFailure)
        -> ResolvedPackages
    {
        let tree = ".resolving", given = ".given"
        try store.makeGiven(given, [])
        try store.makeOpen(tree)
        let finished = try session("resolve", request, tree, given, store, run)
        let id = finished.id
        finished.daemon.finish()
        let answer = try store.contents(of: Self.answer, in: tree, limit: Self.answerLimit)
        try store.remove(tree)
        try store.remove(given)
        return try Self.read(answer, request, id)
    }

    func install(
        _ resolved: ResolvedPackages, _ request: PackageRequest, into name: String, in store: borrowing PreparationStore,
        _ run: InstallerRun
    ) throws(PrepareFailure) -> InstallerSession.Finished {
        let given = ".given"
        try store.makeGiven(given, [(resolved.lockName, resolved.lock)])
        try store.makeOpen(name)
        let finished = try session("install", request, name, given, store, run)
        try store.remove(given)
        return finished
    }

    private func session(
        _ action: String, _ request: PackageRequest, _ tree: String, _ given: String, _ store: borrowing PreparationStore,
        _ run: InstallerRun
    ) throws(PrepareFailure) -> InstallerSession.Finished {
        var inputs = ["tree": store.path(tree), "given": store.path(given), "python": python]
        var told: JSONObject = [
            "requirements": .array(request.packages.map { .string($0.requirement(of: .pypi)) }), "scripts": .bool(run.runsScripts),
        ]
        var variables: [String: String] = [:]
        let policy: String
        switch source {
        case .index(let index, let files, let certificates):
            policy = try permit(index, files, &inputs, &told)
            told["certificates"] = certificates.map(JSON.string) ?? .null
            if let certificates { inputs["certificates"] = certificates }
            variables["SANDBOXD_INDEX"] = index.url
        case .directory(let wheels):
            inputs["wheels"] = wheels
            told["wheels"] = .string(wheels)
            policy = "prepare-python-offline"
        }
        let words = [
            python, "-I", "-c", Self.program, store.path(tree), store.path(given), action,
            String(decoding: JSON.object(told).encoded(), as: UTF8.self),
        ]
        return try run.session(policy, inputs, words, adding: variables, name: request.package.plainName, writes: store.path(tree))
    }

    /// Says where the session may connect: names, through its name proxy, else addresses, which the installer is told. The policy's name.
    private func permit(
        _ index: RegistryAddress, _ files: RegistryAddress, _ inputs: inout [String: String], _ told: inout JSONObject
    ) throws(PrepareFailure) -> String {
        if let name = index.name, let other = files.name {
            (inputs["index"], inputs["files"]) = (name, other)
            return "prepare-python"
        }
        let (found, other) = (try index.endpoint(), try files.endpoint())
        (inputs["index"], inputs["files"]) = (found.endpoint, other.endpoint)
        var addresses: JSONObject = [:]
        addresses[index.host] = .string(found.address)
        addresses[files.host] = .string(other.address)
        told["addresses"] = .object(addresses)
        return "prepare-python-address"
    }

    /// What pip found: said by a session that reads what strangers wrote, so that each word is judged before it is written down.
    static func read(_ bytes: [UInt8], _ request: PackageRequest, _ session: String) throws(PrepareFailure) -> ResolvedPackages {
        guard let listed = (try? JSON(parsing: bytes))?["parts"]?.array, !listed.isEmpty, listed.count <= 2_048 else {
            throw .badAnswer("pip's answer is none")
        }
        var parts: [PreparedInstall.Part] = []
        for entry in listed {
            guard let written = entry["name"]?.string, let version = entry["version"]?.string, let digest = entry["sha256"]?.string,
                Digest(hex: digest) != nil,
                let name = try? PackageName("\(written)==\(version)", of: .pypi), name.extras.isEmpty, case .exactly = name.version
            else { throw .badAnswer("pip's answer names a package without a hash, or one that cannot be named") }
            parts.append(PreparedInstall.Part(name: name.name, version: version, hash: "sha256:\(digest)"))
        }
        guard let own = parts.first(where: { $0.name == request.package.name }) else {
            throw .badAnswer("pip's answer lacks the package itself")
        }
        parts.sort { $0.name < $1.name }
        let lock = parts.map { "\($0.name)==\($0.version) --hash=\($0.hash)\n" }.joined()
        return ResolvedPackages(parts: parts, lock: Array(lock.utf8), lockName: "lock.txt", version: own.version, session: session)
    }
}

extension PythonInstaller {
    /// What is installed by: `--python`, else the first that is a program and no script, in PATH; root's own where root prepares for everybody.
    static func find(_ asked: String?, _ environment: CallerEnvironment) throws(PrepareFailure) -> String {
        let names =
            asked.map {
                [$0.utf8.contains(UInt8(ascii: "/")) ? $0 : $0.utf8.first.map { (0x30...0x39).contains($0) } == true ? "python\($0)" : $0]
            } ?? ["python3"]
        let system = names.map { "/usr/bin/\($0)" }
        let path = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(names[0])" }
        let candidates = names[0].utf8.contains(UInt8(ascii: "/")) ? names : geteuid() == 0 ? system : path + system
        for candidate in candidates {
            guard access(candidate, X_OK) == 0, let found = realpath(candidate, nil) else { continue }
            defer { free(found) }
            guard let program = String(validatingCString: found), isProgram(program) else { continue }
            return program
        }
        throw .noProgram(
            "there is no \(Escaping.quoted(names[0])) to install with",
            help: "install it (Debian: `apt install python3 python3-venv`), or give one by its path: `--python PATH`")
    }

    /// ELF: a script would start something else.
    static func isProgram(_ path: String) -> Bool {
        guard let file = try? WorkingDirectory().open(path, [.read, .nonBlocking]) else { return false }
        return (try? file.bytes(at: 0, count: 4)) == [0x7F, 0x45, 0x4C, 0x46]
    }
}
