import ControlProtocol
import Descriptors
import EventLoop
import StrictJSON
import Testing

@testable import Commands

@Suite struct WrapTests {
    @Test(
        "only a request has an id that is answered",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, 1), (#"{"jsonrpc":"2.0","id":"a","method":"x","params":{}}"#, "a"),
            (#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, nil), (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, nil),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, nil), (#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, nil), ("hello", nil),
            ("", nil),
            (#"{"id":1,"id":2,"method":"x"}"#, nil),
        ] as [(String, JSON?)])
    func requestIDs(line: String, id: JSON?) {
        #expect(ClientAnswer.requestID(of: Array(line.utf8)) == id)
    }

    @Test("the client's first request is answered, whatever comes before it")
    func answersTheFirstRequest() throws {
        let toUs = try Pipe()
        let fromUs = try Pipe()
        try toUs.writer.writeWhole(
            "\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"initialize\"}\n")
        let wasAnswered = ClientAnswer(input: toUs.reader.borrowed, output: fromUs.writer.borrowed).refuse("because\n")
        #expect(wasAnswered)
        var bytes: [UInt8] = []
        _ = try fromUs.reader.read(appendingTo: &bytes, atMost: 4_096)
        #expect(bytes.last == UInt8(ascii: "\n"))
        let answer = try JSON(parsing: Array(bytes.dropLast()))
        #expect(answer["id"] == "q")
        #expect(answer["error"]?["message"] == "because\n")
        let code = try #require(answer["error"]?["code"]?.int64)
        #expect(!(-32_768...(-32_000)).contains(code))
    }

    @Test("a client that says nothing and closes is not waited for")
    func silentClient() throws {
        let toUs = try Pipe()
        let fromUs = try Pipe()
        let reader = toUs.reader
        let before = Clock.monotonic
        _ = consume toUs.writer
        let wasAnswered = ClientAnswer(input: reader.borrowed, output: fromUs.writer.borrowed).refuse("because")
        #expect(!wasAnswered)
        #expect(Clock.monotonic - before < 4_000_000_000)
    }

    @Test(
        "the exit status is the server's, whoever ended first",
        arguments: [
            (SessionEnding(first: .server, gate: .exited(0), server: .exited(0)), 0, false),
            (SessionEnding(first: .server, gate: .exited(0), server: .exited(7)), 7, true),
            (SessionEnding(first: .server, gate: .exited(0), server: .killed(signal: 9)), 137, true),
            (SessionEnding(first: .gate, gate: .killed(signal: 11), server: .killed(signal: 9)), 137, true),
            (SessionEnding(first: .gate, gate: .killed(signal: 9), server: .exited(0)), 137, true),
            (SessionEnding(first: .gate, gate: .exited(0), server: .exited(0)), 0, false),
            (SessionEnding(first: .selfTest, gate: .exited(0), server: .neverStarted), 125, true), (nil, 125, true),
        ] as [(SessionEnding?, Int32, Bool)])
    func statuses(ending: SessionEnding?, status: Int32, speaks: Bool) {
        let outcome = WrapSession.Outcome(ending: ending, signal: nil)
        #expect(outcome.status == ExitStatus(status))
        #expect((outcome.message != nil) == speaks)
    }

    @Test("a relay moves everything and hands on the end, however small the pipe")
    func relays() throws {
        let loop = try EventLoop()
        let source = try Pipe()
        let sink = try Pipe()
        try source.writer.setNonBlocking()
        let toSource = source.writer
        let fromSink = sink.reader
        try fromSink.setNonBlocking()
        try sink.writer.setNonBlocking()
        let relay = Relay(.output, from: source.reader, to: sink.writer)
        var hasEnded = false
        try relay.start(in: loop) { hasEnded = true }
        let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var feeder = Feeder(toSource, sent)
        var received: [UInt8] = []
        var atEnd = false
        while !atEnd {
            feeder.feed()
            try loop.turn(waiting: false)
            switch try fromSink.read(appendingTo: &received, atMost: 7_000) {
            case .moved, .wouldBlock: break
            case .ended: atEnd = true
            }
        }
        #expect(received == sent)
        #expect(hasEnded)
        let relayEnded = relay.hasEnded
        #expect(relayEnded)
    }

    @Test("a relay whose reader has gone lets go of its source")
    func readerGoes() throws {
        EventLoop.ignoreBrokenPipes()
        let loop = try EventLoop()
        let source = try Pipe()
        let sink = try Pipe()
        let toSource = source.writer
        let relay = Relay(.input, from: source.reader, to: sink.writer)
        try relay.start(in: loop) {}
        _ = consume sink.reader
        try toSource.writeWhole("lost")
        while !relay.hasEnded { try loop.turn(waiting: false) }
        #expect(throws: Errno.brokenPipe) { try toSource.writeWhole("x") }
    }
}

/// Writes as much as fits, and closes when all is written.
private struct Feeder: ~Copyable {
    private var descriptor: OwnedDescriptor?
    private var rest: ArraySlice<UInt8>

    init(_ descriptor: consuming OwnedDescriptor, _ bytes: [UInt8]) {
        self.descriptor = consume descriptor
        rest = bytes[...]
    }

    mutating func feed() {
        guard let number = descriptor?.borrowed else { return }
        while !rest.isEmpty {
            let transfer = Array(rest.prefix(5_000)).withUnsafeBytes { try? number.write($0) }
            guard case .moved(let count)? = transfer else { return }
            rest = rest.dropFirst(count)
        }
        descriptor = nil
    }
}
