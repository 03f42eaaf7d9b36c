import Policy
import TestSupport
import Testing

@Suite("Names as text, and what they hold")
struct NamePatternTests {
    private static let longest =
        Array(repeating: String(repeating: "a", count: 63), count: 3).joined(separator: ".") + "." + String(repeating: "b", count: 61)

    @Test(
        "a name with its ports is read, and written in one way",
        arguments: [
            ("api.weather.gov:443", "api.weather.gov:443"), ("API.Weather.GOV:443", "api.weather.gov:443"),
            ("*.example.org:1-2", "*.example.org:1-2"),
            ("*:*", "*:*"), ("*:443", "*:443"), ("plain:a.b:80", "plain:a.b:80"), ("plain:*:80", "plain:*:80"), ("plain:443", "plain:443"),
            ("plain:plain:443", "plain:plain:443"), ("localhost:1", "localhost:1"),
            ("xn--bcher-kva.example:443", "xn--bcher-kva.example:443"),
            ("_x.a-b.c1:65535", "_x.a-b.c1:65535"), ("1.a:1", "1.a:1"), ("0xg:1", "0xg:1"), (longest + ":443", longest + ":443"),
        ])
    func reads(text: String, canonical: String) throws {
        let pattern = try NamePattern(text)
        #expect(pattern.description == canonical)
        #expect(try NamePattern(canonical) == pattern)
    }

    private static let problems: [(String, NameProblem)] = [
        ("", .noPort), ("a.b", .noPort), ("a.b:", .noPort), ("plain:a.b", .badPort), ("a.b:x", .badPort), ("a.b:65536", .badPort),
        ("a.b:080", .badPort), ("https://a.b/", .badPort), ("https://a.b:443", .address), ("a.b:0", .portZero), ("a.b:9-8", .badRange),
        ("192.0.2.1:443", .address), ("[::1]:443", .address), ("::1:443", .address), ("2130706433:80", .address),
        ("0x7f000001:80", .address),
        ("127.1:80", .address), ("a.0x1:80", .address), ("a.0X:80", .address), ("*.1:80", .address), ("plain:10.0.0.1:80", .address),
        ("bücher.example:443", .notASCII), ("ａ.example:443", .notASCII), ("a。b:443", .notASCII),
        (":443", .badLabel), ("a..b:443", .badLabel), (".a:443", .badLabel), ("-a.b:443", .badLabel), ("a-.b:443", .badLabel),
        ("a b:443", .badLabel), ("a%2eb:443", .badLabel), ("a@b:443", .badLabel), ("a/b:443", .badLabel), ("a\u{0}.b:443", .badLabel),
        ("*.:443", .badLabel), ("a.b.:443", .trailingDot), ("*.b.:443", .trailingDot),
        (String(repeating: "a", count: 64) + ".b:443", .tooLong), (longest + "b:443", .tooLong),
        ("a.*:443", .badWildcard), ("*a.b:443", .badWildcard), ("*.*.b:443", .badWildcard), ("**:443", .badWildcard),
    ]

    @Test("what is no name says why", arguments: problems)
    func refuses(text: String, problem: NameProblem) {
        #expect(throws: problem) { try NamePattern(text) }
    }

    @Test("every problem has an example above")
    func allProblems() { #expect(Set(Self.problems.map(\.1)) == Set(NameProblem.allCases)) }

    @Test(
        "a pattern holds whole labels, any number of them, and never what it ends in itself",
        arguments: [
            ("a.example:443", "a.example", true), ("a.example:443", "A.EXAMPLE", true), ("a.example:443", "b.a.example", false),
            ("*.example:443", "a.example", true), ("*.example:443", "a.b.example", true), ("*.example:443", "example", false),
            ("*.example:443", "notexample", false), ("*.example:443", "a.example.evil", false), ("*.example:443", "aexample", false),
            ("*:443", "anything.at.all", true),
        ])
    func holds(pattern: String, name: String, does: Bool) throws {
        let pattern = try NamePattern(pattern), name = try HostName(name)
        #expect(pattern.permits(.tls, with: name, port: 443) == does)
        #expect(!pattern.permits(.tls, with: name, port: 442) && !pattern.permits(.other, with: name, port: 443))
    }

    // MARK: Sets of names

    private static let texts = [
        "a.b:1", "*.b:1", "*.b:1-3", "*:2", "plain:a.b:1", "plain:*.b:2-3", "plain:*:*", "c.a.b:1", "*.a.b:*", "plain:*.a.b:1", "b:1",
        "x:3", "*:*",
    ]
    private static let names = ["a.b", "b", "c.a.b", "d.c.a.b", "x", "z.b", "ab"].compactMap { try? HostName($0) }

    private static func grant(_ random: inout SeededGenerator) throws -> NamesGrant {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .none
        case 1: return .any
        default:
            let texts = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.texts.randomElement(using: &random) ?? "" }
            return .patterns(try texts.map { Located(try NamePattern($0), at: RandomLayers.ofPolicy) })
        }
    }

    @Test("a policy with a layer permits exactly the names that both permit, and another layer nothing new", arguments: [1, 2] as [UInt64])
    func tightened(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<2_000 {
            let own = try Self.grant(&random), other = try Self.grant(&random)
            var policy = Policy(name: "p", location: RandomLayers.ofPolicy)
            policy.egress.names = Located(own, at: RandomLayers.ofPolicy)
            var layer = Layer(name: "l", location: RandomLayers.ofLayer)
            #expect(try policy.tightened(by: [layer]) == policy)
            layer.clauses.egress.names = Located(other, at: RandomLayers.ofLayer)
            let both = try policy.tightened(by: [layer]).egress.names.orNone
            for name in Self.names {
                for port in 1...4 as ClosedRange<UInt16> {
                    for speech in NamePattern.Speech.allCases {
                        let expected = own.permits(speech, with: name, port: port) && other.permits(speech, with: name, port: port)
                        #expect(
                            both.permits(speech, with: name, port: port) == expected,
                            "seed \(seed), round \(round): \(speech) \(name):\(port) of \(own.patterns) and \(other.patterns)")
                    }
                }
            }
        }
    }

    @Test("a layer alone gives no name, and `any` of a layer keeps what is written plain to TLS")
    func layers() throws {
        let plain = Located(
            NamesGrant.patterns([Located(try NamePattern("plain:a.b:80"), at: RandomLayers.ofPolicy)]), at: RandomLayers.ofPolicy)
        var layer = Layer(name: "l", location: RandomLayers.ofLayer)
        layer.clauses.egress.names = Located(.any, at: RandomLayers.ofLayer)
        var policy = Policy(name: "p", location: RandomLayers.ofPolicy)
        #expect(try policy.tightened(by: [layer]).egress.names == nil)
        policy.egress.names = plain
        #expect(try policy.tightened(by: [layer]).egress.names.orNone.patterns == [try NamePattern("a.b:80")])
    }
}
