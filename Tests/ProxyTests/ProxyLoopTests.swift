import Policy
import Testing

@testable import Proxy

@Suite("A client, the proxy and a server", .serialized)
struct ProxyLoopTests {
    private static let loopback: UInt32 = 0x7f00_0001
    private static let greeted = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)

    private static func stage(_ names: [String] = ["api.example.org"], reaching: Bool = true) throws -> ProxyStage {
        let stage = try ProxyStage(names, reaching: reaching)
        for name in ["api.example.org", "evil.example"] { stage.answers[name] = [loopback] }
        return stage
    }

    private static func target(_ name: String, _ stage: ProxyStage) throws -> Target { Target(name: try HostName(name), port: stage.port) }

    private static func connect(_ name: String, _ stage: ProxyStage) throws -> StageClient {
        let client = try stage.client()
        try client.say("CONNECT \(name):\(stage.port) HTTP/1.1\r\nHost: \(name):\(stage.port)\r\n\r\n")
        return client
    }

    @Test("what begins with the name goes through, both ways, and is recorded before it does")
    func passes() throws {
        let stage = try Self.stage()
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.heard == Self.greeted })
        #expect(try stage.events == [.opened(number: 1, Self.target("api.example.org", stage), .v4(Self.loopback))])
        #expect(stage.sawNothing)
        let hello = HelloBytes().bytes(recordsOf: 30) + [23, 3, 3, 0, 1, 7]
        try client.say(Array(hello.prefix(20)))
        #expect(try client.turn { stage.served.first != nil } && stage.served == [[]], "half a name is not passed on")
        try client.say(Array(hello.dropFirst(20)))
        #expect(try client.turn { client.heard.count == Self.greeted.count + hello.count })
        #expect(stage.served == [hello] && Array(client.heard.dropFirst(Self.greeted.count)) == hello)
        client.endWriting()
        #expect(try client.turn { client.isOver && stage.events.count == 2 })
        #expect(stage.events.last == .closed(number: 1, sent: UInt64(hello.count), received: UInt64(hello.count)))
    }

    @Test("as much as there is goes through")
    func bulk() throws {
        let stage = try Self.stage(["plain:api.example.org"])
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.heard == Self.greeted })
        let block = (0..<(1 << 16)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for round in 1...40 {
            try client.say(block)
            #expect(try client.turn { client.heard.count == Self.greeted.count + round * block.count })
        }
        #expect(stage.served[0].count == 40 * block.count && client.heard.suffix(block.count).elementsEqual(block))
    }

    @Test(
        "after CONNECT, what is not TLS for the name goes nowhere",
        arguments: [
            (HelloBytes(name: "evil.example").bytes(), ProxyRefusal.otherName), (HelloBytes(name: nil).bytes(), .noName),
            (HelloBytes(more: [(0xfe0d, [0])]).bytes(), .hiddenName),
            (Array("GET / HTTP/1.1\r\nHost: api.example.org\r\n\r\n".utf8), .notTLS),
        ])
    func spoken(bytes: [UInt8], refusal: ProxyRefusal) throws {
        let stage = try Self.stage()
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.heard == Self.greeted })
        try client.say(bytes)
        #expect(try client.turn { client.isOver || client.heard.count > Self.greeted.count })
        #expect(client.heard.dropFirst(Self.greeted.count).elementsEqual(refusal == .notTLS ? [] : [21, 3, 1, 0, 2, 2, 112]))
        #expect(try stage.events.contains(.refused(number: 1, Self.target("api.example.org", stage), refusal)))
        #expect(stage.sawNothing, "the server saw nothing")
    }

    @Test("a name that is not permitted is neither resolved nor reached")
    func unpermitted() throws {
        let stage = try Self.stage()
        let client = try Self.connect("evil.example", stage)
        #expect(try client.turn { client.isOver })
        #expect(String(decoding: client.heard, as: UTF8.self).hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(stage.asked.isEmpty && stage.served.isEmpty)
        #expect(try stage.events == [.refused(number: 1, Self.target("evil.example", stage), .notPermitted)])
    }

    @Test("a permitted name that leads inside is not reached; where the policy permits the address too, it is")
    func inside() throws {
        let stage = try Self.stage(reaching: false)
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.isOver })
        #expect(try stage.events == [.refused(number: 1, Self.target("api.example.org", stage), .insideAddress)])
        #expect(stage.served.isEmpty && stage.asked == ["api.example.org"])
    }

    @Test("each connection asks anew, so that an answer which changes is judged anew")
    func rebinding() throws {
        let stage = try Self.stage()
        let first = try Self.connect("api.example.org", stage)
        #expect(try first.turn { first.heard == Self.greeted })
        stage.answers["api.example.org"] = [0x0a00_0001, 0xa9fe_a9fe]
        let second = try Self.connect("api.example.org", stage)
        #expect(try second.turn { second.isOver })
        #expect(try stage.events.last == .refused(number: 2, Self.target("api.example.org", stage), .insideAddress))
    }

    @Test("of several addresses those that may not be reached are passed over, and those where nobody answers too")
    func several() throws {
        let stage = try Self.stage()
        stage.answers["api.example.org"] = [0x0a00_0001, Self.loopback]
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.heard == Self.greeted })
        #expect(try stage.events == [.opened(number: 1, Self.target("api.example.org", stage), .v4(Self.loopback))])
    }

    @Test("what nobody answers, or no nameserver knows, is a bad gateway", arguments: ["gone.example.org"])
    func unresolved(name: String) throws {
        let stage = try Self.stage([name])
        let client = try Self.connect(name, stage)
        #expect(try client.turn { client.isOver })
        #expect(String(decoding: client.heard, as: UTF8.self).hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
        #expect(try stage.events == [.refused(number: 1, Self.target(name, stage), .unresolved)])
    }

    @Test("what cannot be recorded is not done")
    func unrecorded() throws {
        let stage = try Self.stage()
        stage.records = false
        let client = try Self.connect("api.example.org", stage)
        #expect(try client.turn { client.isOver })
        #expect(client.heard.isEmpty && stage.sawNothing)
    }

    @Test("a request of an http URI is passed on alone: what a client sends behind it reaches nobody")
    func forwards() throws {
        let stage = try Self.stage(["plain:api.example.org"])
        let client = try stage.client()
        let host = "api.example.org:\(stage.port)"
        try client.say(
            "POST http://\(host)/a HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 3\r\n\r\nabcGET http://\(host)/b HTTP/1.1\r\nHost: \(host)\r\n\r\n"
        )
        let sent = "POST /a HTTP/1.1\r\nHost: \(host)\r\ncontent-length: 3\r\nConnection: close\r\n\r\nabc"
        #expect(try client.turn { client.heard.count >= sent.utf8.count })
        #expect(String(decoding: stage.served[0], as: UTF8.self) == sent)
        #expect(String(decoding: client.heard, as: UTF8.self) == sent, "the server of this test sends back what it gets")
        try client.say("GET http://\(host)/c HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let other = try stage.client()
        try other.say("GET http://\(host)/d HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try other.turn { stage.served.count == 2 && !stage.served[1].isEmpty })
        #expect(String(decoding: stage.served[0], as: UTF8.self) == sent && stage.served.count == 2)
    }

    @Test("http to a name that is permitted by TLS alone is not")
    func plainDenied() throws {
        let stage = try Self.stage()
        let client = try stage.client()
        try client.say("GET http://api.example.org:\(stage.port)/ HTTP/1.1\r\nHost: api.example.org:\(stage.port)\r\n\r\n")
        #expect(try client.turn { client.isOver })
        #expect(try stage.events == [.refused(number: 1, Self.target("api.example.org", stage), .notPermitted)] && stage.served.isEmpty)
    }

    @Test("SOCKS5 leads to the same, and is held to the same")
    func socks() throws {
        let stage = try Self.stage()
        let client = try stage.client()
        try client.say([5, 1, 0])
        #expect(try client.turn { client.heard == [5, 0] })
        let name = Array("api.example.org".utf8)
        try client.say([5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(stage.port >> 8), UInt8(stage.port & 0xff)])
        #expect(try client.turn { client.heard.count == 12 } && client.heard.suffix(10).elementsEqual([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        let hello = HelloBytes().bytes()
        try client.say(hello)
        #expect(try client.turn { client.heard.count == 12 + hello.count } && stage.served == [hello])
        let other = try stage.client()
        try other.say([5, 1, 0])
        #expect(try other.turn { other.heard.count == 2 })
        try other.say([5, 1, 0, 1, 127, 0, 0, 1, UInt8(stage.port >> 8), UInt8(stage.port & 0xff)])
        #expect(try other.turn { other.isOver } && other.heard.dropFirst(2).elementsEqual([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]))
    }

    @Test("whoever goes away in the middle leaves nothing behind, and others go on")
    func leaves() throws {
        let stage = try Self.stage()
        for part in 0..<5 {
            let client = try stage.client()
            if part > 0 { try client.say(String("CONNECT api.example.org:\(stage.port) HTTP/1.1\r\n\r\n".prefix(part == 1 ? 10 : 200))) }
            if part > 2 { #expect(try client.turn { client.heard == Self.greeted }) }
            if part > 3 { try client.say(Array(HelloBytes().bytes().prefix(40))) }
        }
        let last = try Self.connect("api.example.org", stage)
        #expect(try last.turn { last.heard == Self.greeted })
        try last.say(HelloBytes().bytes())
        #expect(try last.turn { stage.served.contains(HelloBytes().bytes()) })
    }
}
