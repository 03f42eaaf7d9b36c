import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText
import StrictJSON

/// What a running session is held by, as texts, and what was found for them: written before the session is, and again before each reload is
/// applied to it, so that a daemon that dies in the middle leaves to the next one what it had begun.
struct SessionDocuments: Sendable {
    /// The texts that one launch or reload read.
    struct Generation: Sendable, Hashable {
        var policy: PolicySource
        var includes: [PolicySource]
        /// Those that apply, by file name.
        var layers: [PolicySource]
    }

    /// Never empty. The first is that of the launch; the session is held to what all of them permit.
    var generations: [Generation]
    /// So many of them are in force.
    var applied: Int
    /// The name in the directory of policies, where the session was started from one of root's there.
    var managed: String?
    /// `home` is the caller's.
    var variables: PolicyVariables
    /// Of the caller.
    var account: String?
    var caller: LaunchFacts.Caller
    /// By the paths that policies and layers name.
    var findings: [[UInt8]: PathFinding] = [:]
    var nameservers: FoundNameservers?
    /// The server is sandboxd's own prober.
    var proves = false

    /// Of so many reloads that take something a session keeps account; more than that end it.
    static let mostGenerations = 32

    // MARK: The file

    static func read(_ path: String) -> SessionDocuments? {
        guard let bytes = try? WorkingDirectory().contents(of: path, limit: 64 << 20) else { return nil }
        return (try? JSON(parsing: bytes, limits: .documents)).flatMap(SessionDocuments.init)
    }

    /// Writes it whole: a new file, renamed into place.
    func write(to path: String) throws(Errno) {
        let file = try WorkingDirectory().open(path + ".new", [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(json.encoded())
        try WorkingDirectory().rename(path + ".new", to: path)
    }

    private var json: JSON {
        let found = findings.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            (String(decoding: $0.key, as: UTF8.self), $0.value.json)
        }
        return [
            "version": 1, "generations": .array(generations.map(\.json)), "applied": JSON(applied),
            "managed": managed.map(JSON.string) ?? .null,
            "home": .string(variables.home), "cwd": .string(variables.cwd), "runtime": variables.runtime.map(JSON.string) ?? .null,
            "server": variables.server.map(JSON.string) ?? .null,
            "inputs": .object(JSONObject(variables.inputs.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "account": account.map(JSON.string) ?? .null, "uid": JSON(Int(caller.uid)), "gid": JSON(Int(caller.gid)),
            "groups": .array(caller.groups.map { JSON(Int($0)) }), "findings": .object(JSONObject(found)),
            "nameservers": nameservers?.json ?? .null, "proves": .bool(proves),
        ]
    }

    /// `nil` for what no daemon of this version wrote.
    private init?(_ json: JSON) {
        guard json["version"]?.int64 == 1, let list = json["generations"]?.array, let applied = json["applied"]?.int64,
            let home = json["home"]?.string, let cwd = json["cwd"]?.string, let inputs = json["inputs"]?.object,
            let uid = json["uid"]?.int64.flatMap({ UInt32(exactly: $0) }), let gid = json["gid"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let groups = json["groups"]?.array, let found = json["findings"]?.object, let nameservers = json["nameservers"],
            let proves = json["proves"]?.bool
        else { return nil }
        generations = list.compactMap(Generation.init)
        self.applied = Int(applied)
        guard generations.count == list.count, (1...generations.count).contains(self.applied) else { return nil }
        managed = json["managed"]?.string
        variables = PolicyVariables(
            home: home, cwd: cwd, runtime: json["runtime"]?.string, server: json["server"]?.string,
            inputs: Dictionary(inputs.members.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first }))
        account = json["account"]?.string
        caller = LaunchFacts.Caller(uid: uid, gid: gid, groups: groups.compactMap { $0.int64.flatMap { UInt32(exactly: $0) } })
        guard caller.groups.count == groups.count else { return nil }
        for member in found.members {
            guard let finding = PathFinding(json: member.value) else { return nil }
            findings[Array(member.name.utf8)] = finding
        }
        if !nameservers.isNull {
            guard let known = FoundNameservers(json: nameservers) else { return nil }
            self.nameservers = known
        }
        self.proves = proves
    }

    /// What a launch read.
    init(
        _ generation: Generation, managed: String?, variables: PolicyVariables, account: String?, caller: LaunchFacts.Caller, proves: Bool
    ) {
        generations = [generation]
        applied = 1
        self.managed = managed
        self.variables = variables
        self.account = account
        self.caller = caller
        self.proves = proves
    }

    // MARK: What was found

    mutating func note(_ requests: [RequestedPath], _ found: [PathFinding]) {
        for (request, finding) in zip(requests, found) { findings[Array(request.path.utf8)] = finding }
    }
}

extension SessionDocuments.Generation {
    fileprivate var json: JSON {
        ["policy": policy.json, "includes": .array(includes.map(\.json)), "layers": .array(layers.map(\.json))]
    }

    fileprivate init?(_ json: JSON) {
        guard let policy = json["policy"].flatMap(PolicySource.init), let includes = json["includes"]?.array,
            let layers = json["layers"]?.array
        else { return nil }
        self.init(
            policy: policy, includes: includes.compactMap(PolicySource.init), layers: layers.compactMap(PolicySource.init))
        guard self.includes.count == includes.count, self.layers.count == layers.count else { return nil }
    }

    /// What tells it from another one that the same session might be held by.
    var digest: Digest { ([policy] + includes.sorted { $0.name < $1.name } + layers).map(\.unplaced).digest }
}

extension PolicySource {
    /// A text that was accepted is UTF-8.
    fileprivate var json: JSON { ["name": .string(name), "text": .string(String(decoding: bytes, as: UTF8.self))] }

    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, let text = json["text"]?.string else { return nil }
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// A policy may be asked for by its name or by its path, and is the same.
    fileprivate var unplaced: PolicySource {
        PolicySource(name: name.utf8.split(separator: UInt8(ascii: "/")).last.flatMap(String.init) ?? name, bytes: bytes)
    }
}

extension JSONLimits {
    fileprivate static var documents: JSONLimits {
        var limits = JSONLimits.standard
        limits.bytes = 64 << 20
        limits.members = 1 << 20
        limits.depth = 64
        return limits
    }
}
