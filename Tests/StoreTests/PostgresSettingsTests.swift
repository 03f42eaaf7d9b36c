import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Store

/// How the database is reached is judged before anybody connects.
@Suite struct PostgresSettingsTests {
    typealias Problem = PostgresSettings.Problem

    @Test(
        "what would be looked up, or is not sure to be the database, is refused",
        arguments: [
            ("dbname=x", .noHost), ("host=192.0.2.1,192.0.2.2 hostaddr=192.0.2.1", .noHost), ("host='' dbname=x", .noHost),
            ("host=db.example", .unresolved(host: "db.example")), ("host=localhost", .unresolved(host: "localhost")),
            ("host=db.example hostaddr=db.example", .unresolved(host: "db.example")), ("host=10.1", .unresolved(host: "10.1")),
            ("postgresql://db.example/x", .unresolved(host: "db.example")),
            ("host=192.0.2.1 sslmode=require", .unverified(host: "192.0.2.1", sslmode: "require")),
            ("host=/run/x,192.0.2.1 sslmode=verify-ca", .unverified(host: "192.0.2.1", sslmode: "verify-ca")),
            ("postgresql://192.0.2.1/x?sslmode=disable", .unverified(host: "192.0.2.1", sslmode: "disable")),
            ("service=x", .unwanted(keyword: "service")), ("host=/run/x client_encoding=LATIN1", .unwanted(keyword: "client_encoding")),
            ("host=127.0.0.1 sslmode=prefer", .unverified(host: "127.0.0.1", sslmode: "prefer")),
            ("host=db hostaddr=::1 sslmode=disable", .unverified(host: "db", sslmode: "disable")),
            ("host=/run/x requirepeer=''", .unverifiedPeer), ("host=/run/x gssencmode=prefer", .unwanted(keyword: "gssencmode")),
            ("secret", .notUnderstood), ("host=/run/x nothing=1", .notUnderstood),
        ] as [(String, Problem)])
    func refuses(_ text: String, _ problem: Problem) {
        let thrown = #expect(throws: Problem.self) { try PostgresSettings(text) }
        #expect(thrown == problem)
    }

    @Test(
        "a certificate is held against the name, and on a unix socket the user who listens is postgres",
        arguments: [
            ("host=db.example hostaddr=192.0.2.1", "verify-full", "postgres"),
            ("host=192.0.2.1 sslmode=verify-full", "verify-full", "postgres"),
            ("host=/run/postgresql", "verify-full", "postgres"), ("host=127.0.0.1", "verify-full", "postgres"),
            ("postgresql://u:p@%2Frun%2Fpostgresql/x", "verify-full", "postgres"), ("host=/run/x,192.0.2.1", "verify-full", "postgres"),
            ("host=/run/x sslmode=disable requirepeer=pool", "disable", "pool"), ("host=@x", "verify-full", "postgres"),
        ])
    func verifies(_ text: String, _ mode: String, _ peer: String) throws {
        let keywords = try PostgresSettings(text).keywords
        #expect(keywords.first { $0.keyword == "sslmode" }?.value == mode)
        #expect(keywords.first { $0.keyword == "requirepeer" }?.value == peer)
        #expect(keywords.first { $0.keyword == "client_encoding" }?.value == "UTF8")
    }

    @Test("nothing is taken from the environment")
    func environment() throws {
        for name in ["PGHOST", "PGPASSWORD", "PGSERVICE", "PGSSLMODE", "PGOPTIONS"] { setenv(name, "canary", 1) }
        #expect(throws: Problem.noHost) { try PostgresSettings("dbname=x") }
        let keywords = try PostgresSettings("host=/run/x").keywords
        #expect(!keywords.contains { $0.value.contains("canary") })
        for name in ["PGHOST", "PGPASSWORD", "PGSERVICE", "PGSSLMODE", "PGOPTIONS"] { #expect(getenv(name) == nil, "\(name)") }
    }

    @Test("the file is its owner's alone, and of whatever lines")
    func file() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/settings"
        try WorkingDirectory().open(path, [.readWrite, .create], mode: 0o600).writeWhole("\nhost=/run/x\n  dbname=y\n")
        let keywords = try PostgresSettings(readingFrom: path).keywords
        #expect(keywords.contains { $0.keyword == "dbname" && $0.value == "y" })
        try WorkingDirectory().open(path).setPermissions(0o640)
        #expect(throws: Problem.notOurs) { try PostgresSettings(readingFrom: path) }
        #expect(throws: Problem.notRead(.noEntry)) { try PostgresSettings(readingFrom: scratch.path + "/none") }
        #expect(throws: Problem.notOurs) { try PostgresSettings(readingFrom: scratch.path) }
    }
}
