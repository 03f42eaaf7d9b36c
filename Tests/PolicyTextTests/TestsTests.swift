import Policy
import PolicyText
import Testing

@Suite("Tests in a policy and beside it")
struct TestsTests {
    private func brief(_ test: PolicyTest) -> String {
        switch test.subject {
        case .call(let tool, let arguments): "call \(tool) \(String(decoding: arguments.json, as: UTF8.self)) \(test.expected)"
        case .act(let words): "act \(words) \(test.expected)"
        }
    }

    @Test("a call has no arguments unless it is given some; variables are expanded")
    func values() throws {
        let text = """
            sandboxd: 1
            inputs: {where: /data}
            tests:
              - {call: [look], expect: forward}
              - {call: [look, {path: "${where}/x", n: 0x10}], expect: block}
              - {act: "connect 192.0.2.1:443", expect: denied}

            """
        let tests = try expanded(text).tests
        #expect(
            tests.map(brief) == [
                "call look {} forward", #"call look {"path":"/data/x","n":16} block"#, "act connect 192.0.2.1:443 denied",
            ])
        #expect(tests[1].location == SourceLocation(file: "p.yaml", line: 5, column: 5, length: 60))
    }

    @Test("tests are of their own document: an include brings none")
    func included() throws {
        let main = "sandboxd: 1\ninclude: [a]\ntests: [{act: x, expect: denied}]\n"
        let tests = try expanded(main, includes: ["a": "sandboxd: 1\ntests: [{act: y, expect: permitted}]\n"]).tests
        #expect(tests.map(brief) == ["act x denied"])
    }

    @Test("a document beside the policy has tests of its own")
    func beside() throws {
        let beside = source("sandboxd-tests: 1\ntests: [{call: [t, {p: \"${d}\"}], expect: hold}]\n", name: "p.tests.yaml")
        let draft = try PolicyText.parse(source("sandboxd: 1\ninputs: {d: /d}\n"))
        #expect(try draft.tests(of: beside, with: variables).map(brief) == [#"call t {"p":"/d"} hold"#])
        let plain = source("sandboxd-tests: 1\ntests: [{act: x, expect: denied}]\n", name: "p.tests.yaml")
        #expect(try PolicyText.tests(of: plain).map(\.location.file) == ["p.tests.yaml"])
    }

    @Test(
        "a document that is none is refused",
        arguments: [
            ("", "R112 1:1+1"), ("sandboxd: 1\ntests: []\n", "R107 1:1+8,R111 1:1+1,R112 2:8+2"),
            ("sandboxd-tests: 1\n", "R111 1:1+1"), ("sandboxd-tests: 1\ntests: [{act: \"${home}\", expect: denied}]\n", "R115 2:15+9"),
            ("sandboxd-tests: 2\ntests: [{act: x, expect: forward}]\n", "R110 1:17+1,R110 2:26+7"),
        ])
    func refused(text: String, reasons: String) {
        let refusal = #expect(throws: Refusal.self) { try PolicyText.tests(of: source(text)) }
        #expect((refusal?.reasons.all ?? []).map { PolicyTextTests.brief($0) }.joined(separator: ",") == reasons)
    }
}
