import Policy
import TestSupport
import Testing

@Suite("Endpoints as text")
struct EndpointPatternTests {
    @Test(
        "an endpoint is read, and written in one way",
        arguments: [
            ("203.0.113.10:443", "203.0.113.10:443"), ("[2001:DB8::10]:443", "[2001:db8::10]:443"), ("10.0.0.0/8:5432", "10.0.0.0/8:5432"),
            ("[2001:db8::/32]:443", "[2001:db8::/32]:443"), ("*:8443", "*:8443"), ("public:443", "public:443"), ("*:*", "*:*"),
            ("127.0.0.1:8000-8010", "127.0.0.1:8000-8010"), ("127.0.0.1:80-80", "127.0.0.1:80"), ("127.0.0.1:65535", "127.0.0.1:65535"),
            ("192.0.2.1/32:1", "192.0.2.1:1"), ("[::1/128]:1", "[::1]:1"), ("0.0.0.0/0:443", "0.0.0.0/0:443"), ("[::]:1", "[::]:1"),
            ("[::/0]:*", "[::/0]:*"),
        ])
    func reads(text: String, canonical: String) throws {
        let pattern = try EndpointPattern(text)
        #expect(pattern.description == canonical)
        #expect(try EndpointPattern(canonical) == pattern)
    }

    private static let problems: [(String, EndpointProblem)] = [
        ("", .noPort), ("192.0.2.1", .noPort), ("192.0.2.1:", .noPort), ("[::1]", .noPort), ("*", .noPort), ("public", .noPort),
        ("192.0.2.1:x", .badPort), ("192.0.2.1:65536", .badPort), ("192.0.2.1:-1", .badPort), ("192.0.2.1:080", .badPort),
        ("192.0.2.1:1-", .badPort), ("192.0.2.1:1-2-3", .badPort), ("192.0.2.1:+1", .badPort), ("192.0.2.1: 1", .badPort),
        ("192.0.2.1:0", .portZero), ("192.0.2.1:0-9", .portZero), ("192.0.2.1:9-8", .badRange),
        ("example.org:443", .hostName), ("localhost:80", .hostName), (":443", .badAddress), ("1.2.3:443", .badAddress),
        ("[1.2.3.4]:443", .badAddress), ("[::1:443", .badAddress), ("[]:443", .badAddress), ("256.1.1.1:443", .badAddress),
        ("10.0.0.0/33:1", .badPrefix), ("[2001:db8::/129]:1", .badPrefix), ("10.0.0.0/:1", .badPrefix), ("10.0.0.0/08:1", .badPrefix),
        ("10.0.0.1/8:1", .hostBits), ("[2001:db8::1/32]:1", .hostBits),
        ("169.254.169.254:80", .linkLocal), ("[fe80::1]:80", .linkLocal), ("169.254.0.0/16:80", .linkLocal),
        ("[::ffff:192.0.2.1]:80", .mappedAddress), ("[::ffff:0.0.0.0]:80", .mappedAddress),
        ("2001:db8::10:443", .missingBrackets), ("::1:80", .missingBrackets),
    ]

    @Test("what is no endpoint says why", arguments: problems)
    func refuses(text: String, problem: EndpointProblem) {
        #expect(throws: problem) { try EndpointPattern(text) }
    }

    @Test("every problem has an example above")
    func allProblems() {
        #expect(Set(Self.problems.map(\.1)) == Set(EndpointProblem.allCases))
    }

    @Test("any text gives a pattern or a problem, and a pattern is read back from its text")
    func randomTexts() {
        var random = SeededGenerator(seed: 0xE0D)
        let alphabet = Array("0123456789abf:./[]*-publicx é\u{0}".unicodeScalars)
        for _ in 0..<20_000 {
            let text = String(
                String.UnicodeScalarView((0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)! }))
            guard let pattern = try? EndpointPattern(text) else { continue }
            #expect((try? EndpointPattern(pattern.description)) == pattern, "\(text)")
        }
    }
}
