import KernelPlan
import Policy
import PolicyText
import TestSupport
import Testing

@testable import Daemon

/// What a reload makes of a session, decided from texts alone.
@Suite("superseding a session") struct SupersedingTests {
    static let host = HostProfile(kernel: "", architecture: "", custody: .daemon, landlockABI: 0, observations: [:])
    static let policy = """
        sandboxd: 1
        name: notes
        tools: {default: allow}
        egress: {tcp: ["192.0.2.1:443", "192.0.2.2:443"]}
        server: {env: {pass: ["LANG?"]}}
        processes: {memory: 512MiB}

        """

    static func generation(_ policy: String = policy, _ layers: String...) -> SessionDocuments.Generation {
        SessionDocuments.Generation(
            policy: PolicySource(name: "notes.yaml", bytes: Array(policy.utf8)), includes: [],
            layers: layers.enumerated().map {
                PolicySource(name: "l\($0).yaml", bytes: Array("sandboxd-layer: 1\nname: l\($0)\n\($1)\n".utf8))
            })
    }

    static func documents(_ first: SessionDocuments.Generation = generation()) -> SessionDocuments {
        SessionDocuments(
            first, managed: nil, variables: PolicyVariables(home: "/home/ann", cwd: "/home/ann"), account: "ann",
            caller: .init(uid: 1_000, gid: 1_000, groups: []), proves: false)
    }

    static func superseding(_ documents: SessionDocuments, _ new: SessionDocuments.Generation?) throws -> Superseding? {
        try Superseding(documents, adding: new, user: .caller, on: host) { _ in nil }
    }

    @Test("the same documents, or more permissive ones, change nothing")
    func nothing() throws {
        #expect(try Self.superseding(Self.documents(), Self.generation()) == nil)
        #expect(try Self.superseding(Self.documents(), nil) == nil)
        let held = Self.documents(Self.generation(Self.policy, "egress: {tcp: none}"))
        #expect(try Self.superseding(held, Self.generation()) == nil)
        #expect(try Self.superseding(Self.documents(), Self.generation(Self.policy, "egress: {tcp: any}")) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let policy: String
        let layer: String?
        let tightened: [String]
        let notInPlace: [String]
        var testDescription: String { "\(tightened) \(notInPlace)" }
    }

    static let cases = [
        Case(policy: policy, layer: "egress: {tcp: [\"192.0.2.1:443\"]}", tightened: ["egress.tcp"], notInPlace: []),
        Case(policy: policy, layer: "processes: {memory: 1MiB}", tightened: ["processes.memory"], notInPlace: []),
        Case(policy: policy, layer: "processes: {tasks: 4}", tightened: ["processes.tasks"], notInPlace: ["processes.tasks"]),
        Case(policy: policy, layer: "server: {user: session}", tightened: ["server.user"], notInPlace: ["server.user"]),
        Case(policy: policy, layer: "tools: {pins: required}", tightened: ["tools and messages"], notInPlace: ["tools.pins"]),
        Case(
            policy: policy, layer: "evidence: {durability: disk}", tightened: ["evidence.durability"],
            notInPlace: ["evidence.durability"]),
        Case(policy: policy, layer: "approvals: {wait: 5s}", tightened: ["approvals.wait"], notInPlace: []),
        Case(
            policy: policy.replacing("{env: {pass: [\"LANG?\"]}}", with: "{env: {set: {A: b}}}"), layer: nil, tightened: ["server.env"],
            notInPlace: ["server.env"]),
        Case(
            policy: policy.replacing("server: {", with: "server: {command: [/bin/cat], "), layer: nil, tightened: ["server.command"],
            notInPlace: ["server.command"]),
        Case(policy: policy.replacing("allow", with: "deny"), layer: nil, tightened: ["tools and messages"], notInPlace: []),
    ]

    @Test("what is tightened, and what a running session cannot be held to", arguments: cases)
    func decides(_ testCase: Case) throws {
        let new = testCase.layer.map { Self.generation(testCase.policy, $0) } ?? Self.generation(testCase.policy)
        let superseding = try #require(try Self.superseding(Self.documents(), new))
        #expect(superseding.tightened == testCase.tightened)
        #expect(superseding.notInPlace == testCase.notInPlace)
        #expect(superseding.documents.generations.count == 2 && superseding.documents.applied == 1)
    }

    @Test("a session stays held to every reload it has seen; what an earlier daemon had begun is done again, with what is new")
    func generations() throws {
        var held = Self.documents()
        held = try #require(try Self.superseding(held, Self.generation(Self.policy, "egress: {tcp: [\"192.0.2.1:443\"]}"))).documents
        // Killed before it was applied: and now another layer is there, which permits the other endpoint alone.
        let both = try #require(try Self.superseding(held, Self.generation(Self.policy, "egress: {tcp: [\"192.0.2.2:443\"]}")))
        #expect(both.kernel.policy.egress.tcp?.value == EndpointGrant.none)
        #expect(both.sections.isEmpty)
        #expect(try Self.superseding(held, nil)?.kernel.network != nil)
        held.applied = held.generations.count
        #expect(try Self.superseding(held, nil) == nil)
        #expect(try Self.superseding(held, Self.generation()) == nil)
    }

    @Test("reloads beyond what a session keeps account of end it")
    func tooMany() throws {
        var held = Self.documents()
        for number in 1...SessionDocuments.mostGenerations {
            held = try #require(
                try Self.superseding(held, Self.generation(Self.policy, "tools: {rules: [{tools: [t\(number)], effect: deny}]}"))
            ).documents
            held.applied = held.generations.count
        }
        let last = try #require(try Self.superseding(held, Self.generation(Self.policy, "tools: {default: deny}")))
        #expect(last.notInPlace == ["too many reloads"])
    }

    @Test("documents are read as they were written; what was cut off is none")
    func coding() throws {
        let scratch = try ScratchDirectory()
        var documents = Self.documents(Self.generation(Self.policy, "egress: {tcp: none}"))
        documents.managed = "notes.yaml"
        documents.findings[Array("/a".utf8)] = .failed(error: "ENOENT", component: "/a")
        documents.nameservers = FoundNameservers(addresses: [IPAddress("192.0.2.53")!], leftOut: [], error: nil)
        let path = scratch.path + "/documents"
        try documents.write(to: path)
        let read = try #require(SessionDocuments.read(path))
        #expect(read.generations == documents.generations && read.findings == documents.findings && read.managed == "notes.yaml")
        #expect(read.nameservers == documents.nameservers && read.applied == 1 && read.caller == documents.caller)
        #expect(SessionDocuments.read(scratch.path + "/none") == nil)
    }
}
