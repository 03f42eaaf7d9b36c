import KernelPlan
import StrictJSON
import Testing

@testable import Commands

@Suite struct ProofReportTests {
    private static func attempt(_ id: String, _ clause: ProvenClause, _ what: String, isPermitted: Bool = false) -> AimedAttempt {
        AimedAttempt(id: id, clause: clause, what: what, words: id, witness: .answer, isPermitted: isPermitted, endpoint: nil)
    }

    private static func report(_ more: [ProofResult] = []) -> ProofReport {
        let results = [
            ProofResult(attempt: attempt("tcp.v4", .tcp, "connect(2), 127.0.0.1:4000"), outcome: .stopped("EACCES")),
            ProofResult(attempt: attempt("tcp.v6", .tcp, "connect(2), [::1]:4000"), outcome: .stopped("EACCES")),
            ProofResult(attempt: attempt("thread", .spawn, "a thread", isPermitted: true), outcome: .worked),
            ProofResult(
                attempt: attempt("uring", .baseline, "io_uring_setup(2)"),
                outcome: .untried("it does not come off unconfined here either: EPERM")),
        ]
        return ProofReport(
            policy: "notes", origin: "this one, by a private sandboxd", custody: .user, sessions: ["s1", "s2"], control: "you (uid 1000)",
            holders: [.tcp: "seccomp", .read: "Landlock (ABI 7)"], results: results + more,
            left: [UntriedAttempt(id: "exec-loader", clause: .execute, reason: "no loader")], acts: 7,
            selfTested: ["connect 203.0.113.10:443: permitted"], repeating: "sandboxctl prove notes")
    }

    private static let broken = [
        ProofResult(attempt: attempt("read", .read, "a file outside"), outcome: .gotThrough("the prober tells what it should not know")),
        ProofResult(attempt: attempt("list-granted", .read, "a granted directory", isPermitted: true), outcome: .denied("EACCES")),
    ]

    @Test("each clause is told by what was observed, and the end by what was tried and what was not")
    func text() {
        #expect(
            Self.report().text(.plain, columns: nil) == """
                policy   notes
                host     this one, by a private sandboxd
                session  s1, then s2
                control  each act once unconfined, as you (uid 1000), by the same program

                egress.tcp          enforced (observed): 2 stopped
                                    by seccomp
                egress.udp          not tried: nothing applies
                egress.unix         not tried: nothing applies
                ingress.tcp         not tried: nothing applies
                files.read          not tried: nothing applies
                files.write         not tried: nothing applies
                files.execute       not tried: 1
                files.metadata      not tried: nothing applies
                processes.spawn     permitted: 1 worked
                server.user         not tried: nothing applies
                server.env          not tried: nothing applies
                baseline            not tried: 1

                not tried
                  no loader: exec-loader
                  it does not come off unconfined here either: EPERM: uring

                elsewhere
                  no foreign address was tried from here; in a network of its own the launch's self-test tried:
                    connect 203.0.113.10:443: permitted

                tried 3 attempts, each once unconfined and once inside (7 acts in all); 2 were not tried, for the reasons above

                """)
        #expect(!Self.report().hasFinding)
    }

    @Test("what came out otherwise is told with what was seen, and how to run it alone")
    func findings() {
        let report = Self.report(Self.broken)
        let text = report.text(.plain, columns: 80)
        #expect(report.hasFinding)
        #expect(text.contains("files.read          1 GOT THROUGH, 1 DENIED THOUGH PERMITTED\n                    by Landlock (ABI 7)\n"))
        #expect(
            text.contains(
                """

                GOT THROUGH read (files.read)
                  forbidden  a file outside
                  seen       the prober tells what it should not know
                  alone      sandboxctl prove notes --attempt read

                DENIED THOUGH PERMITTED list-granted (files.read)
                  permitted  a granted directory
                  told       EACCES
                  alone      sandboxctl prove notes --attempt list-granted

                """))
        #expect(text.replacing("\n", with: " ").contains("; 2 came out otherwise than planned; 2 were not"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("no output calls anything secure")
    func neverSecure() {
        for report in [Self.report(), Self.report(Self.broken)] {
            for text in [report.text(.plain, columns: nil), String(decoding: report.json.encoded(), as: UTF8.self)] {
                #expect(!text.lowercased().contains("secure"))
            }
        }
    }

    @Test("JSON holds every attempt with what came of it")
    func json() throws {
        let json = Self.report(Self.broken).json
        #expect(json["outcome"] == "broken")
        #expect(json["tried"]?.int64 == 5)
        let clauses = try #require(json["clauses"]?.array)
        #expect(clauses.count == ProvenClause.allCases.count)
        let read = try #require(clauses.first { $0["clause"] == "files.read" })
        #expect(read["state"] == "broken")
        let attempts = try #require(read["attempts"]?.array)
        #expect(attempts.map { $0["outcome"] } == ["got-through", "denied-though-permitted"])
        #expect(attempts.map { $0["permitted"] } == [false, true])
        let baseline = try #require(clauses.last)
        #expect(baseline["attempts"]?.array?.first?["outcome"] == "not-tried")
        #expect(Self.report().json["outcome"] == "as-planned")
    }
}
