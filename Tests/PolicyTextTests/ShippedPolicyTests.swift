import Descriptors
import Glibc
import PathFinding
import Policy
import PolicyText
import StrictJSON
import Testing

@Suite("Policies that are shipped")
struct ShippedPolicyTests {
    private static let python = ["tree": "/srv/tree", "given": "/srv/given", "python": "/usr/bin/python3"]
    private static let node = ["tree": "/srv/tree", "given": "/srv/given", "node": "/usr/bin/node", "npm": "/usr/lib/npm"]
    private static let inputs: [String: [String: String]] = [
        "fetch-proxy": ["origin": "192.0.2.10:3128"], "git": ["repository": "/srv/repository"],
        "git-commit": ["repository": "/srv/repository"],
        "sqlite": ["directory": "/srv/databases"], "memory": ["directory": "/srv/memory"], "playwright": ["profile": "/srv/profile"],
        "prepare-python-base": python, "prepare-python-offline": python.merging(["wheels": "/srv/wheels"]) { $1 },
        "prepare-python": python.merging(["index": "index.example:443", "files": "files.example:443"]) { $1 },
        "prepare-python-address": python.merging(["index": "192.0.2.10:443", "files": "192.0.2.11:443"]) { $1 },
        "prepare-node": node.merging(["index": "registry.example:443"]) { $1 },
        "prepare-node-address": node.merging(["index": "192.0.2.10:443"]) { $1 },
        "github": ["owner": "ann"], "read-only-project": ["project": "/usr/lib"],
    ]

    /// `policies` beside `Tests`.
    private static let directory: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/policies"
    }()

    private static let names: [String] = {
        let names = try? WorkingDirectory().open(directory, [.directory]).names().map { String(decoding: $0, as: UTF8.self) }
        return (names ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }
    }()

    private static func source(_ name: String) throws -> PolicySource {
        PolicySource(name: name, bytes: try #require(try WorkingDirectory().contents(of: "\(directory)/\(name).yaml", limit: 1 << 18)))
    }

    private static func draft(_ name: String) throws -> PolicyDraft {
        let all = try names.map { ($0, try source($0)) }
        return try PolicyText.parse(try source(name), includes: Dictionary(uniqueKeysWithValues: all))
    }

    @Test("there are some")
    func some() { #expect(Set(Self.names).isSuperset(of: ["runtime-python", "runtime-node", "time", "fetch", "git"])) }

    @Test("each is without fault, bears its file's name and says what it is for", arguments: names)
    func parses(name: String) throws {
        let draft = try Self.draft(name)
        #expect(draft.name == name)
        #expect(draft.description != nil)
        var variables = variables
        variables.inputs = Self.inputs[name] ?? [:]
        let policy = try draft.expanded(with: variables)
        #expect(try !policy.document.canonical().isEmpty)
    }

    @Test(
        "what needs nothing that may be missing resolves on this host, and grants nothing but reading",
        arguments: ["time", "fetch", "aws-documentation", "duckduckgo", "no-network", "read-only-project", "runtime-program"])
    func resolves(name: String) throws {
        let variables = PolicyVariables(home: "/nonexistent", cwd: "/", server: "/usr/bin", inputs: Self.inputs[name] ?? [:])
        let expanded = try Self.draft(name).expanded(with: variables)
        let nameservers = FoundNameservers(addresses: [.v4(0xcb00_7135)])
        let policy = try expanded.resolved(with: PathFinder.find(expanded.requestedPaths), nameservers: nameservers)
        #expect(policy.files.writable.isEmpty)
        #expect(policy.files.executable == .none)
        #expect(policy.processes.spawning == .none)
        #expect((policy.tools.default ?? .deny) == .deny)
    }

    @Test("presets are only read", arguments: ["runtime-python", "runtime-node"])
    func presets(name: String) throws {
        let policy = try Self.draft(name).expanded(with: variables)
        #expect(policy.requestedPaths.allSatisfy { $0.purpose == .read })
        #expect(policy.requestedPaths.filter { !$0.isOptional }.map(\.path) == ["/usr/lib"])
        #expect(policy.document.object?.members.map(\.name) == ["sandboxd", "name", "description", "files"])
    }

    @Test("a preset needs no command: what depends on it is left out")
    func withoutCommand() throws {
        var variables = variables
        variables.server = nil
        let paths = try Self.draft("time").expanded(with: variables).requestedPaths.map(\.path)
        #expect(paths.contains("/usr/lib"))
        #expect(!paths.contains { $0.contains("..") || $0.contains("$") })
    }
}
