import Descriptors
import EventLoop
import Glibc
import MCP
import SessionProtocol
import StrictJSON
import TestSupport
import Testing

@testable import Gate

private let result = #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#

@Suite struct GateLoopTests {
    @Test("what is held is asked of the daemon, and its answer forwards; what was never sent is not said when it is taken back")
    func asksDaemon() throws {
        let pair = try SocketPair(.messages, nonBlocking: true)
        let daemon = pair.first
        let second = pair.second
        let session = second.release()
        defer { close(session) }
        let stage = try Stage(session: session)
        try stage.client(Conversation.call("1", "refund"))
        let asked = try #require(try daemon.receive(atMost: GateMessage.sizeLimit)?.bytes)
        guard case .request(let number, .hold(let call))? = GateMessage(bytes: asked) else { throw Conversation.Outcome.NotAsked() }
        #expect(call.tool == "refund" && stage.serverGets().isEmpty)
        _ = try daemon.send(DaemonMessage(number: number, .held(approval: "id")).json.encoded())
        _ = try daemon.send(DaemonMessage(number: number, .granted(approval: "id", by: "x")).json.encoded())
        try stage.settle()
        #expect(stage.serverGets().contains("refund"))
        var sent = 0
        for id in 2..<200 {
            try stage.client(Conversation.call("\(id)", "refund", #"{"x":"\#(String(repeating: "x", count: 20_000))"}"#))
            sent += 1
        }
        #expect(!stage.gate.toDaemon.isEmpty)
        for id in 2..<200 { try stage.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#) }
        #expect(stage.gate.toDaemon.allSatisfy { if case .withdraw = $0 { true } else { false } })
        #expect(stage.gate.toDaemon.count < sent)
    }

    @Test("a daemon that closes its end answers nobody: what waits is blocked after a while, the rest goes on")
    func losesDaemon() throws {
        let pair = try SocketPair(.messages, nonBlocking: true)
        let daemon = pair.first
        let second = pair.second
        let session = second.release()
        defer { close(session) }
        let stage = try Stage(session: session)
        try stage.client(Conversation.call("1", "refund"))
        _ = consume daemon
        try stage.settle()
        #expect(stage.gate.session == nil && stage.gate.toDaemon.isEmpty)
        try stage.client(Conversation.call("2", "get_a"))
        #expect(stage.serverGets().contains("get_a"))
        try stage.client(Conversation.call("3", "refund"))
        #expect(stage.gate.toDaemon.isEmpty && stage.gate.wakesAt != nil && stage.clientGets().isEmpty)
    }

    @Test("calls and results pass between client and server", arguments: Stage.ClientKind.allCases)
    func passes(_ kind: Stage.ClientKind) throws {
        let stage = try Stage(kind)
        try stage.client(Conversation.call("1", "get_a"))
        #expect(stage.serverGets() == Conversation.call("1", "get_a") + "\n")
        try stage.server(result)
        #expect(stage.clientGets() == result + "\n")
        try stage.client(Conversation.call("2", "get_secret"))
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().contains("D102"))
    }

    @Test("the client's descriptors are never made non-blocking", arguments: Stage.ClientKind.allCases)
    func leavesFlags(_ kind: Stage.ClientKind) throws {
        let stage = try Stage(kind)
        try stage.client(Conversation.call("1", "get_a"))
        try stage.server(result)
        try stage.client("rubbish")
        for number in stage.shared { #expect(fcntl(number, F_GETFL) & O_NONBLOCK == 0) }
    }

    @Test("a client that is a file and writes into a file is served")
    func servesFiles() throws {
        let input = try Stage.temporaryFile(), output = try Stage.temporaryFile()
        defer {
            close(input)
            close(output)
        }
        let text = Array((Conversation.call("1", "get_secret") + "\n" + Conversation.call("2", "get_a") + "\n").utf8)
        #expect(write(input, text, text.count) == text.count)
        #expect(lseek(input, 0, SEEK_SET) == 0)
        let stage = try Stage(fromClient: input, toClient: output)
        try stage.settle()
        #expect(stage.serverGets() == Conversation.call("2", "get_a") + "\n")
        #expect(stage.isEnded(stage.serverReader))
        try stage.server(result.replacing("\"id\":1", with: "\"id\":2"))
        #expect(lseek(output, 0, SEEK_SET) == 0)
        let written = String(decoding: stage.read(output), as: UTF8.self)
        #expect(written.contains("D102"))
        #expect(written.contains("\"id\":2,\"result\""))
    }

    @Test("a client that is /dev/null ends at once, and the server's input with it")
    func servesNull() throws {
        let null = try Stage.check(open("/dev/null", O_RDWR | O_CLOEXEC))
        defer { close(null) }
        let stage = try Stage(fromClient: null, toClient: null, people: null)
        try stage.settle()
        #expect(stage.isEnded(stage.serverReader))
        try stage.closeServerWriter()
        #expect(stage.gate.isOver)
    }

    @Test("a line of three megabytes is answered once, and the next line is served")
    func skipsLongLines() throws {
        let stage = try Stage()
        let head = #"{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"get_a","arguments":{"x":""#
        try stage.write(stage.clientWriter, Array((head + String(repeating: "x", count: 3 << 20) + "\"}}}\n").utf8))
        let answers = stage.clientGets()
        #expect(answers.split(separator: "\n").count == 1)
        #expect(answers.contains("\"id\":\"long\""))
        #expect(answers.contains("D204"))
        try stage.client(Conversation.call("1", "get_a"))
        #expect(stage.serverGets() == Conversation.call("1", "get_a") + "\n")
    }

    @Test("a line of nearly a megabyte passes whole through pipes that hold less")
    func passesLargeLines() throws {
        let stage = try Stage()
        let call = Conversation.call("1", "get_a", #"{"x":"\#(String(repeating: "é", count: 500_000))"}"#)
        let writer = stage.clientWriter
        _ = fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK)
        var got: [UInt8] = []
        var rest = Array((call + "\n").utf8)[...]
        for _ in 0..<2_000 where got.count < call.utf8.count + 1 {
            if !rest.isEmpty { rest = rest.dropFirst(max(0, rest.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) })) }
            try stage.settle(turns: 2)
            got += stage.read(stage.serverReader)
        }
        #expect(got == Array((call + "\n").utf8))
    }

    @Test("while the server does not read, the client is not read; nothing is lost and order is kept")
    func holdsBack() throws {
        let stage = try Stage()
        let lines = (0..<400).map { Conversation.call("\($0)", "get_a", #"{"x":"\#(String(repeating: "y", count: 1_000))"}"#) }
        let all = Array((lines.joined(separator: "\n") + "\n").utf8)
        let taken = try stage.fill(stage.clientWriter, all)
        #expect(taken < all.count)
        #expect(stage.gate.toServer.count < 1 << 19)
        var got: [UInt8] = []
        var sent = taken
        for _ in 0..<10_000 where got.count < all.count {
            got += stage.read(stage.serverReader)
            try stage.settle(turns: 2)
            if sent < all.count { sent += try stage.fill(stage.clientWriter, Array(all[sent...])) }
        }
        #expect(got == all)
    }

    @Test("while the client does not read, the server is not read")
    func holdsServerBack() throws {
        let stage = try Stage()
        try stage.agree()
        let line = Array(
            (#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"\#(String(repeating: "z", count: 4_000))"}}"#
                + "\n").utf8)
        let all = Array(repeatElement(line, count: 200).joined())
        let taken = try stage.fill(stage.serverWriter, all)
        #expect(taken < 1 << 19)
        #expect(stage.gate.toClient.count < 1 << 19)
        var got = 0, sent = taken
        for _ in 0..<10_000 where got < all.count {
            got += stage.read(stage.clientReader).count
            try stage.settle(turns: 2)
            if sent < all.count { sent += try stage.fill(stage.serverWriter, Array(all[sent...])) }
        }
        #expect(got == all.count)
    }

    @Test("a flood of rubbish is answered line by line without being kept")
    func boundsAnswers() throws {
        let stage = try Stage()
        let all = Array(repeatElement(Array("x\n".utf8), count: 5_000).joined())
        var answers = 0, sent = 0
        for _ in 0..<20_000 where answers < 5_000 {
            if sent < all.count { sent += try stage.fill(stage.clientWriter, Array(all[sent...])) }
            #expect(stage.gate.toClient.count < 1 << 20)
            answers += stage.read(stage.clientReader).count { $0 == UInt8(ascii: "\n") }
            try stage.settle(turns: 2)
        }
        #expect(answers == 5_000)
    }

    @Test("when the server ends in mid-call the client is told, and the session is over")
    func serverEnds() throws {
        let stage = try Stage()
        try stage.client(Conversation.call("1", "get_a"))
        try stage.write(stage.serverWriter, Array("not a whole line".utf8))
        try stage.closeServerWriter()
        let answer = try JSON(parsing: Array(stage.clientGets().utf8.dropLast()))
        #expect(answer["id"] == 1)
        #expect(answer["error"]?["data"]?["code"] == "D302")
        #expect(stage.gate.isOver)
    }

    @Test("when the keeper dies, the server gets no further line, who waits is told, and the session is over")
    func keeperDies() throws {
        let stage = try Stage()
        try stage.client(Conversation.call("1", "get_a"))
        _ = stage.serverGets()
        try stage.killKeeper()
        try stage.settle()
        #expect(stage.isEnded(stage.serverReader))
        let answer = try JSON(parsing: Array(stage.clientGets().utf8.dropLast()))
        #expect(answer["error"]?["data"]?["code"] == "D302")
        #expect(stage.gate.isOver)
    }

    @Test("when the client ends, the server can finish, and its last result still arrives")
    func clientEnds() throws {
        let stage = try Stage()
        try stage.client(Conversation.call("1", "get_a"))
        try stage.closeClientWriter()
        #expect(stage.serverGets() == Conversation.call("1", "get_a") + "\n")
        #expect(stage.isEnded(stage.serverReader))
        #expect(!stage.gate.isOver)
        try stage.server(result)
        #expect(stage.clientGets() == result + "\n")
        try stage.closeServerWriter()
        #expect(stage.gate.isOver)
    }

    @Test("when the client no longer reads, the session is over")
    func clientStopsReading() throws {
        let stage = try Stage()
        EventLoop.ignoreBrokenPipes()
        try stage.closeClientReader()
        try stage.client("rubbish")
        #expect(stage.gate.isOver)
    }

    @Test("when the server no longer reads, further requests are answered here")
    func serverStopsReading() throws {
        let stage = try Stage()
        EventLoop.ignoreBrokenPipes()
        try stage.closeServerReader()
        try stage.client(Conversation.call("1", "get_a"))
        try stage.client(Conversation.call("2", "get_a"))
        let answers = stage.clientGets().split(separator: "\n")
        #expect(answers.contains { $0.contains("\"id\":2") && $0.contains("D302") })
        try stage.closeServerWriter()
        #expect(stage.gate.isOver)
    }

    @Test("when the spool takes nothing, calls are blocked and the rest goes on")
    func fullSpool() throws {
        let stage = try Stage(spool: "/dev/full")
        try stage.client(Conversation.call("1", "get_a"))
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().contains("D307"))
        try stage.client(Conversation.call("2", "get_secret"))
        #expect(stage.clientGets().contains("D102"))
        try stage.client(#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#)
        #expect(stage.serverGets() == #"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"# + "\n")
    }

    @Test("lines of the server's stderr reach the people, also when nobody speaks MCP")
    func passesErrors() throws {
        let stage = try Stage()
        try stage.errors(Array("starting\n\u{1B}[2Jhidden\n".utf8))
        #expect(stage.peopleGet() == "[test] starting\n[test] \\u{1B}[2Jhidden\n")
    }

    @Test("a server that floods its stderr is not held up when nobody reads it")
    func boundsErrors() throws {
        let stage = try Stage()
        for _ in 0..<200 { try stage.errors(Array(repeating: UInt8(ascii: "e"), count: 3_999) + [UInt8(ascii: "\n")]) }
        #expect(stage.gate.people.count < 1 << 19)
        #expect(stage.gate.unsaid > 0)
        var said = ""
        for _ in 0..<20 {
            said += stage.peopleGet()
            try stage.settle()
        }
        #expect(said.contains(" lines were left out"))
    }

    /// A record of the ring buffer: connect4 to 127.0.0.1:80 by process 7, at a time.
    private static func denial(at time: UInt64) -> [UInt8] {
        let little = { (value: UInt64, count: Int) in (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }
        return little(time, 8) + little(7, 4) + little(7, 4) + [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 127, 0, 0, 1] + little(80, 2)
            + [1, 2, 6, 1, 0, 0]
    }

    @Test("what the kernel denied is read before a result is judged, and stays in the ring until it is in the spool")
    func denials() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        let scratch = try ScratchDirectory()
        let spool = scratch.path + "/spool"
        _ = try WorkingDirectory().open(spool, [.write, .create], mode: 0o600)
        let stage = try Stage(spool: spool, denials: (reader, ring.file.number))
        // The self-test's, before the server runs.
        ring.produce(Self.denial(at: 1))
        try stage.client(Conversation.call("1", "get_a"))
        #expect(try ring.consumed == 0)
        ring.begin(at: ring.produced)
        ring.produce(Self.denial(at: Clock.monotonic))
        try stage.server(result)
        #expect(stage.clientGets().contains("the kernel denied the server: connect to 127.0.0.1:80 (tcp)."))
        #expect(try ring.consumed == ring.produced)
        let said = String(decoding: try WorkingDirectory().contents(of: spool, limit: 65_536) ?? [], as: UTF8.self)
        #expect(said.contains(#""attribution":"inferred","calls":[1]"#) && !said.contains(#""first":0"#))
    }

    @Test("while nothing can be recorded the ring keeps what was denied")
    func unrecordedDenials() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        let stage = try Stage(spool: "/dev/full", denials: (reader, ring.file.number))
        try stage.server(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#)
        ring.produce(Self.denial(at: Clock.monotonic))
        try stage.settle()
        try stage.server(#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#)
        #expect(try ring.consumed == 0)
        let waits = stage.gate.state.hasUntoldDenials
        #expect(waits)
    }

    @Test("a ring that is none is not read on, and that is recorded")
    func malformedRing() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        let scratch = try ScratchDirectory()
        let spool = scratch.path + "/spool"
        _ = try WorkingDirectory().open(spool, [.write, .create], mode: 0o600)
        let stage = try Stage(spool: spool, denials: (reader, ring.file.number))
        ring.produce(Self.denial(at: 1), length: 5_000)
        try stage.client(Conversation.call("1", "get_a"))
        try stage.server(result)
        #expect(stage.clientGets() == result + "\n")
        #expect(
            String(decoding: try WorkingDirectory().contents(of: spool, limit: 65_536) ?? [], as: UTF8.self).contains(
                #""ring":"unreadable""#))
    }
}
