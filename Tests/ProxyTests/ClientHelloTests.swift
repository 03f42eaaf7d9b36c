import Policy
import TestSupport
import Testing

@testable import Proxy

@Suite("The name that a TLS connection begins with")
struct ClientHelloTests {
    private static func read(_ bytes: [UInt8], pieces: Int = .max) throws(ProxyRefusal) -> ClientHelloReader.Progress {
        var reader = ClientHelloReader()
        var progress = ClientHelloReader.Progress.needsMore
        var count = 0
        while count < bytes.count, progress == .needsMore {
            count = pieces == .max ? bytes.count : min(count + pieces, bytes.count)
            progress = try reader.read(Array(bytes[..<count]))
        }
        return progress
    }

    @Test("is found over any records and segments", arguments: [1, 2, 5, 100, 1 << 14], [1, 3, 64, Int.max])
    func reassembles(records: Int, pieces: Int) throws {
        let hello = HelloBytes(name: "API.example.org")
        #expect(try Self.read(hello.bytes(recordsOf: records), pieces: pieces) == .names(HostName("api.example.org")))
        #expect(try Self.read(Array(hello.bytes(recordsOf: records).dropLast()), pieces: pieces) == .needsMore)
    }

    @Test("what follows it is not looked at")
    func behind() throws {
        #expect(try Self.read(HelloBytes().bytes() + [0, 1, 2]) == .names(HostName("api.example.org")))
    }

    private static let bad: [(String, [UInt8], ProxyRefusal)] = [
        ("HTTP", Array("GET / HTTP/1.1\r\n".utf8), .notTLS), ("SSH", Array("SSH-2.0-x\r\n".utf8), .notTLS),
        ("SSL 2", [0x80, 46, 1, 3, 1], .notTLS),
        ("one byte that is none", [23], .notTLS), ("an alert", [21, 3, 1, 0, 2, 1, 0], .notTLS),
        ("another major version", [22, 2], .notTLS),
        ("an empty record", [22, 3, 1, 0, 0], .notTLS), ("a record beyond 2^14", [22, 3, 1, 0x40, 1], .notTLS),
        ("a ServerHello", HelloBytes.record([2, 0, 0, 0]), .notTLS),
        ("another record in between", Array(HelloBytes().bytes(recordsOf: 20).prefix(25)) + HelloBytes.record([1], kind: 20), .notTLS),
        ("a message beyond the limit", HelloBytes.record([1, 0, 0x80, 1]), .tooLong),
        ("no SNI", HelloBytes(name: nil).bytes(), .noName), ("no extensions", HelloBytes(name: nil, more: []).bytes(), .noName),
        ("ECH", HelloBytes(more: [(0xfe0d, [0, 0, 1])]).bytes(), .hiddenName),
        ("ESNI", HelloBytes(more: [(0xffce, [])]).bytes(), .hiddenName),
        ("ECH without SNI", HelloBytes(name: nil, more: [(0xfe0d, [1])]).bytes(), .hiddenName),
        ("a second SNI", HelloBytes(more: [(0, HelloBytes.serverName(Array("evil.example".utf8)))]).bytes(), .notTLS),
        (
            "two names in one SNI",
            HelloBytes(name: nil, more: [(0, HelloBytes.vector([0, 0, 1, 97, 0, 0, 1, 98], 2))]).bytes(), .notTLS
        ),
        ("a name of another type", HelloBytes(name: nil, more: [(0, HelloBytes.vector([1, 0, 1, 97], 2))]).bytes(), .notTLS),
        ("an empty SNI", HelloBytes(name: nil, more: [(0, [])]).bytes(), .notTLS),
        ("an empty name", HelloBytes(name: "").bytes(), .badName), ("a zero byte", HelloBytes(name: "a\u{0}.b").bytes(), .badName),
        ("an address", HelloBytes(name: "10.0.0.1").bytes(), .address), ("a dot at the end", HelloBytes(name: "a.b.").bytes(), .badName),
        ("not ASCII", HelloBytes(name: "bücher.example").bytes(), .badName),
        ("a session id that is too long", HelloBytes(session: .init(repeating: 0, count: 33)).bytes(), .notTLS),
        ("an extension that runs over", HelloBytes.record(HelloBytes().message.dropLast()) + HelloBytes.record([9]), .notTLS),
    ]

    @Test("or it is none, and the reason is said", arguments: bad)
    func refuses(what: String, bytes: [UInt8], refusal: ProxyRefusal) {
        if what != "an extension that runs over" {
            #expect(throws: refusal, "\(what)") { try Self.read(bytes) }
            #expect(throws: refusal, "\(what), byte by byte") { try Self.read(bytes, pieces: 1) }
        } else {
            // The last byte is another: the message is whole, and of another length it would not be.
            #expect(throws: Never.self) { _ = try Self.read(bytes) }
        }
    }

    @Test("a message whose parts do not fill it is none", arguments: [0, 6, 38, 39, 40, 72, 75, 77, 78, 79, 80, 83])
    func lengths(place: Int) throws {
        var message = HelloBytes().message
        guard place < message.count else { return }
        message[place] ^= 0x10
        let other = try? Self.read(HelloBytes.record(message))
        // Random, session and suites may be anything; a length may not.
        if place > 70 { #expect(other != .names(try HostName("api.example.org"))) }
    }

    @Test("whatever comes, it is read the same in one piece and in many")
    func random() {
        var random = SeededGenerator(seed: 0x7157)
        for _ in 0..<3_000 {
            var bytes = HelloBytes().bytes(recordsOf: [7, 40, 1 << 14].randomElement(using: &random) ?? 7)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let whole = Result { () throws(ProxyRefusal) in try Self.read(bytes) }
            let pieces = Result { () throws(ProxyRefusal) in try Self.read(bytes, pieces: 1) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one == other)
            // In pieces what is wrong is seen at the first byte that is.
            case (.failure, .failure): break
            default: Issue.record("\(whole) and \(pieces): \(bytes)")
            }
        }
    }
}
