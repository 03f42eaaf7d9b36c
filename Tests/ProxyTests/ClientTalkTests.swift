import Policy
import TestSupport
import Testing

@testable import Proxy

@Suite("What a client of the proxy asks for")
struct ClientTalkTests {
    private static func ask(_ text: String) -> ClientTalk.Step { ask(Array(text.utf8)) }

    private static func ask(_ bytes: [UInt8]) -> ClientTalk.Step {
        var talk = ClientTalk()
        return talk.read(bytes)
    }

    private static func target(_ name: String, _ port: UInt16) throws -> Target { Target(name: try HostName(name), port: port) }

    @Test(
        "CONNECT names a host and a port",
        arguments: [
            "CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org:443\r\n\r\n", "CONNECT API.example.org:443 HTTP/1.0\r\n\r\n",
            "CONNECT api.example.org:443 HTTP/1.1\r\nhost:api.example.org\r\nUser-Agent: x/1\r\nProxy-Connection: Keep-Alive\r\n\r\n",
            "CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org:443\r\nContent-Length: 0\r\n\r\n",
        ])
    func connects(text: String) throws {
        let expected = ClientTalk.Step.asks(try Self.target("api.example.org", 443), .connect, read: text.utf8.count)
        #expect(Self.ask(text) == expected)
        #expect(Self.ask(text + "GET / HTTP/1.1\r\n\r\n") == expected, "what follows is of the connection")
        var talk = ClientTalk()
        for count in 1..<text.utf8.count { #expect(talk.read(Array(text.utf8.prefix(count))) == .needsMore(answer: [])) }
        #expect(talk.read(Array(text.utf8)) == expected)
    }

    private static let longName = String(repeating: "a", count: 64) + ".example.org"
    private static let bad: [(String, ProxyRefusal)] = [
        ("CONNECT api.example.org:443 HTTP/1.1\nHost: api.example.org:443\n\n\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org:443\n\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nA: b\r\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nA: b\u{0}c\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nHost : a\r\n\r\n", .malformed),
        ("CONNECT  api.example.org:443 HTTP/1.1\r\n\r\n", .malformed), ("CONNECT api.example.org:443\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1 \r\n\r\n", .malformed), ("CONNECT api.example.org:443\tHTTP/1.1\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/2.0\r\n\r\n", .unsupported), ("CONNECT api.example.org:443 HTTP/1.10\r\n\r\n", .unsupported),
        ("CONNECT api.example.org HTTP/1.1\r\n\r\n", .malformed), ("CONNECT api.example.org:0 HTTP/1.1\r\n\r\n", .malformed),
        ("CONNECT api.example.org:0443 HTTP/1.1\r\n\r\n", .malformed), ("CONNECT api.example.org:65979 HTTP/1.1\r\n\r\n", .malformed),
        ("CONNECT api.example.org:+443 HTTP/1.1\r\n\r\n", .malformed), ("CONNECT http://api.example.org:443 HTTP/1.1\r\n\r\n", .address),
        ("CONNECT 10.0.0.1:443 HTTP/1.1\r\n\r\n", .address), ("CONNECT [::1]:443 HTTP/1.1\r\n\r\n", .address),
        ("CONNECT 2130706433:443 HTTP/1.1\r\n\r\n", .address), ("CONNECT 0x7f.1:443 HTTP/1.1\r\n\r\n", .address),
        ("CONNECT api.example.org.:443 HTTP/1.1\r\n\r\n", .badName),
        ("CONNECT api.example.org@evil.example:443 HTTP/1.1\r\n\r\n", .badName),
        ("CONNECT api.example.org%00.evil.example:443 HTTP/1.1\r\n\r\n", .badName),
        ("CONNECT *.example.org:443 HTTP/1.1\r\n\r\n", .badName),
        ("CONNECT \(longName):443 HTTP/1.1\r\n\r\n", .badName),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", .otherHost),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org:80\r\n\r\n", .otherHost),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nHost: api.example.org\r\nHost: evil.example\r\n\r\n", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde", .malformed),
        ("CONNECT api.example.org:443 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .malformed),
        ("GET / HTTP/1.1\r\nHost: api.example.org\r\n\r\n", .unsupported),
        ("GET https://api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n", .unsupported),
        ("GET ftp://api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n", .unsupported),
        ("GET http://api.example.org/ HTTP/1.0\r\nHost: api.example.org\r\n\r\n", .unsupported),
        ("GET http://api.example.org/ HTTP/1.1\r\n\r\n", .malformed),
        ("GET http://api.example.org/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", .otherHost),
        ("GET http://api.example.org/ HTTP/1.1\r\nHost: api.example.org:8080\r\n\r\n", .otherHost),
        ("GET http://u@api.example.org/ HTTP/1.1\r\nHost: api.example.org\r\n\r\n", .malformed),
        ("GET http://api.example.org/#x HTTP/1.1\r\nHost: api.example.org\r\n\r\n", .malformed),
        ("GET http://10.0.0.1/ HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n", .address),
        ("GET http://[::1]/ HTTP/1.1\r\nHost: [::1]\r\n\r\n", .address),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: +1\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1, 1\r\n\r\n", .malformed),
        ("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 5\r\nConnection: content-length\r\n\r\n", .malformed),
        ("GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\n" + String(repeating: "a: b\r\n", count: 200) + "\r\n", .malformed),
        ("\u{16}\u{3}\u{1}", .malformed), (" GET http://a.b/ HTTP/1.1\r\n\r\n", .malformed),
        ("\r\nGET http://a.b/ HTTP/1.1\r\n\r\n", .malformed),
    ]

    @Test("what two readers could read differently is refused, and so is what is no name", arguments: bad)
    func refuses(text: String, refusal: ProxyRefusal) {
        guard case .refuses(let found, let answer) = Self.ask(text) else {
            Issue.record("\(Self.ask(text))")
            return
        }
        #expect(found == refusal)
        #expect(answer.isEmpty || answer.starts(with: "HTTP/1.1 ".utf8))
    }

    @Test("a head has an end")
    func endless() {
        #expect(
            Self.ask("GET http://a.b/" + String(repeating: "a", count: 32 << 10))
                == Self.ask("GET http://a.b/" + String(repeating: "b", count: 33 << 10)))
        if case .refuses(.tooLong, _) = Self.ask("GET http://a.b/" + String(repeating: "a", count: 32 << 10)) {} else { Issue.record() }
    }

    @Test("a request of an http URI is written anew, for one connection")
    func forwards() throws {
        let text = """
            POST http://Api.example.org:8080?x=1 HTTP/1.1\r
            Host: api.example.org:8080\r
            Proxy-Connection: keep-alive\r
            Connection: keep-alive, X-Secret\r
            X-Secret: 1\r
            Upgrade: h2c\r
            Accept:  a/b \r
            Content-Length: 3\r
            \r

            """
        let head = "POST /?x=1 HTTP/1.1\r\nHost: api.example.org:8080\r\naccept: a/b\r\ncontent-length: 3\r\nConnection: close\r\n\r\n"
        #expect(
            Self.ask(text + "abcGET http://evil.example/ HTTP/1.1\r\n\r\n")
                == .asks(try Self.target("api.example.org", 8080), .forward(head: Array(head.utf8), .length(3)), read: text.utf8.count))
    }

    @Test("a body ends where it says, and what follows is no part of it", arguments: [1, 2, 7, Int.max])
    func bodies(pieces: Int) throws {
        let cases: [(BodyFraming, String, Int?)] = [
            (.length(0), "GET", 0), (.length(3), "abcGET", 3), (.length(9), "abc", nil),
            (.chunked, "3\r\nabc\r\n0\r\n\r\nGET http://x/", 13),
            (.chunked, "0\r\n\r\n", 5), (.chunked, "a\r\n0123456789\r\n00\r\n\r\n0\r\n\r\n", 21), (.chunked, "5\r\nab", nil),
        ]
        for (framing, text, length) in cases {
            var reader = BodyReader(framing), taken = 0
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty, !reader.isAtEnd {
                let count = try reader.read(rest.prefix(pieces))
                taken += count
                rest = rest.dropFirst(count)
            }
            #expect(reader.isAtEnd == (length != nil), "\(text)")
            #expect(taken == length ?? text.utf8.count, "\(text)")
        }
    }

    @Test(
        "chunks that two readers could read differently are refused",
        arguments: [
            "\r\n", "g\r\n", "3;x=y\r\nabc\r\n", "3 \r\nabc", "+3\r\nabc", "0x3\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n",
            "0\r\nA: b\r\n\r\n",
            "000000003\r\n", "-1\r\n", "0\r\n\n",
        ])
    func badChunks(text: String) {
        var reader = BodyReader(.chunked)
        #expect(throws: ProxyRefusal.malformed) { _ = try reader.read(Array(text.utf8)[...]) }
    }

    // MARK: SOCKS5

    private static func socks(_ request: [UInt8]) -> ClientTalk.Step {
        var talk = ClientTalk()
        guard talk.read([5, 2, 2, 0]) == .needsMore(answer: [5, 0]) else { return .refuses(.malformed, answer: []) }
        return talk.read([5, 2, 2, 0] + request)
    }

    private static func named(_ name: String, _ port: [UInt8] = [1, 187]) -> [UInt8] {
        [5, 1, 0, 3, UInt8(name.utf8.count)] + Array(name.utf8) + port
    }

    @Test("SOCKS5 connects by name")
    func socksConnects() throws {
        let request = Self.named("api.example.org")
        #expect(Self.socks(request + [22, 3]) == .asks(try Self.target("api.example.org", 443), .socks, read: 4 + request.count))
        for count in 0..<request.count { #expect(Self.socks(Array(request[..<count])) == .needsMore(answer: count == 0 ? [] : [])) }
        #expect(Self.ask([5]) == .needsMore(answer: []) && Self.ask([5, 3, 0]) == .needsMore(answer: []))
    }

    @Test("SOCKS5 does nothing else")
    func socksRefuses() {
        let cases: [([UInt8], ProxyRefusal, UInt8)] = [
            ([5, 1, 0, 1, 10, 0, 0, 1, 1, 187], .address, 2), ([5, 1, 0, 4, 0, 0], .address, 2), (Self.named("10.0.0.1"), .address, 2),
            ([5, 2, 0, 3, 1], .unsupported, 7), ([5, 3, 0, 3, 1], .unsupported, 7), ([5, 1, 1, 3, 1], .malformed, 1),
            ([4, 1, 0, 3, 1], .malformed, 1),
            ([5, 1, 0, 2, 1], .malformed, 1), (Self.named("a.b", [0, 0]), .malformed, 1), (Self.named(""), .badName, 2),
            (Self.named("a\u{0}b"), .badName, 2),
            (Self.named("a.b."), .badName, 2),
        ]
        for (request, refusal, code) in cases {
            #expect(Self.socks(request) == .refuses(refusal, answer: [5, code, 0, 1, 0, 0, 0, 0, 0, 0]), "\(request)")
        }
        #expect(Self.ask([5, 1, 2]) == .refuses(.unsupported, answer: [5, 0xff]))
        #expect(Self.ask([4, 1, 0, 80]) == .refuses(.malformed, answer: []))
        var talk = ClientTalk()
        if case .refuses(.malformed, _) = talk.read([5, 1, 0] + Self.named("a.b")) {} else { Issue.record("a request before the answer") }
    }
}
