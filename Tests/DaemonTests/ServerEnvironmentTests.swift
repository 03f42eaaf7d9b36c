import Policy
import Testing

@testable import Daemon

@Suite struct ServerEnvironmentTests {
    static let place = SourcePlace.at(3)
    static let given = ServerEnvironment(
        entries: ["PATH=/bin", "HOME=/home/a", "TZ=UTC", "LD_PRELOAD=/evil.so", "TOKEN=s3cret", "EMPTY=", "noequals", "=x"].map {
            Array($0.utf8)
        })
    static let identity = ServerEnvironment.Identity(user: "a", home: "/home/a")

    func entries(_ clause: EnvironmentClause) throws(Refusal) -> [String] {
        try Self.given.entries(for: clause, as: Self.identity).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("nothing of the caller's environment comes through but what the policy names")
    func isClosed() throws {
        #expect(try entries(EnvironmentClause()) == ["HOME=/home/a", "LOGNAME=a", "PATH=/bin", "USER=a"])
    }

    @Test("what is passed and set comes through, an optional variable that is missing does not matter")
    func passesAndSets() throws {
        let clause = EnvironmentClause(
            pass: [
                Located(.init(name: "TZ", isOptional: false), at: Self.place),
                Located(.init(name: "LANG", isOptional: true), at: Self.place),
                Located(.init(name: "EMPTY", isOptional: false), at: Self.place),
            ], set: ["LEVEL": "info"], secret: [Located(.init(name: "TOKEN", source: .environment), at: Self.place)])
        #expect(
            try entries(clause) == ["EMPTY=", "HOME=/home/a", "LEVEL=info", "LOGNAME=a", "PATH=/bin", "TOKEN=s3cret", "TZ=UTC", "USER=a"])
    }

    @Test("a missing variable or secret is a refusal, each at its place")
    func missingIsRefused() {
        let clause = EnvironmentClause(
            pass: [Located(.init(name: "NOWHERE", isOptional: false), at: Self.place)],
            secret: [Located(.init(name: "GONE", source: .environment), at: SourcePlace.at(9))])
        let refusal = #expect(throws: Refusal.self) { try entries(clause) }
        #expect(refusal?.reasons.all.map(\.code) == [.missingVariable, .missingVariable])
        #expect(refusal?.reasons.all.map(\.location) == [Self.place, SourcePlace.at(9)])
    }

    @Test("a credential comes from the credentials alone, and a variable from the environment alone")
    func credentials() throws {
        let given = ServerEnvironment(entries: [Array("TOKEN=of-environment".utf8)], credentials: [Array("KEY=of=credentials".utf8)])
        let secrets = { (sources: [String: EnvironmentClause.Secret.Source]) in
            EnvironmentClause(
                secret: sources.sorted { $0.key < $1.key }.map { Located(.init(name: $0.key, source: $0.value), at: Self.place) })
        }
        let entries = try given.entries(for: secrets(["KEY": .credential, "TOKEN": .environment]), as: Self.identity)
        #expect(entries.contains(Array("KEY=of=credentials".utf8)) && entries.contains(Array("TOKEN=of-environment".utf8)))
        let refusal = #expect(throws: Refusal.self) {
            try given.entries(for: secrets(["KEY": .environment, "TOKEN": .credential]), as: Self.identity)
        }
        #expect(refusal?.reasons.all.map(\.facts) == [["variable": "KEY"], ["variable": "TOKEN", "source": "credential"]])
    }
}
