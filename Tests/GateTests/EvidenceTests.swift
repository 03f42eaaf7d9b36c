import Descriptors
import EventLoop
import Evidence
import Glibc
import MCP
import SessionProtocol
import StrictJSON
import TestSupport
import Testing

@testable import Gate

/// What the gate does when what it decides cannot be recorded as the policy says.
@Suite struct GateEvidenceTests {
    private static let result = #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#

    /// A spool that takes every write and cannot be synced: fdatasync(2) of a FIFO is EINVAL.
    private final class UnsyncedSpool {
        let scratch: ScratchDirectory
        let reader: Int32
        var path: String { scratch.path + "/spool" }

        init() throws {
            scratch = try ScratchDirectory()
            try #require(mkfifo(scratch.path + "/spool", 0o600) == 0)
            reader = try Stage.check(open(scratch.path + "/spool", O_RDONLY | O_NONBLOCK | O_CLOEXEC))
        }

        deinit { close(reader) }
    }

    @Test("a decision that is not on the disk forwards nothing, for good; without `durability: disk` the same spool does")
    func unsynced() throws {
        let spool = try UnsyncedSpool()
        let control = try Stage(spool: spool.path)
        try control.client(Conversation.call("1", "get_a"))
        #expect(control.serverGets().contains("get_a"))
        _ = control.read(spool.reader)
        let stage = try Stage(spool: spool.path, isDurable: true)
        try stage.client(Conversation.call("1", "get_a"))
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().contains("D308"))
        let said = String(decoding: stage.read(spool.reader), as: UTF8.self)
        #expect(said.contains(#""decision":"forward""#) && said.contains(#"{"cause":"EINVAL","event":"void","first":1,"last":1}"#))
        try stage.client(Conversation.call("2", "get_a"))
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().contains("D308"))
        #expect(stage.read(spool.reader).isEmpty)
        try stage.client(#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#)
        #expect(stage.serverGets().contains("tools/list"))
    }

    @Test("what came of a call is written and not synced: it reaches the disk with the next decision")
    func outcomes() throws {
        let spool = try UnsyncedSpool()
        let stage = try Stage(spool: spool.path, isDurable: true)
        // Recorded before, by a gate that did not sync.
        let early = try Stage(spool: spool.path)
        try early.client(Conversation.call("1", "get_a"))
        swap(&early.gate.state, &stage.gate.state)
        try stage.server(Self.result)
        #expect(stage.clientGets() == Self.result + "\n")
        #expect(String(decoding: stage.read(spool.reader), as: UTF8.self).contains(#""status":"result""#))
    }

    @Test("all calls of one turn share one fate: where the disk does not take them, none of them leaves")
    func groups() throws {
        let spool = try UnsyncedSpool()
        let stage = try Stage(spool: spool.path, isDurable: true)
        let calls = (1...20).map { Conversation.call("\($0)", "get_a") }.joined(separator: "\n")
        try stage.client(calls)
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().split(separator: "\n").count { $0.contains("D308") } == 20)
        let said = String(decoding: stage.read(spool.reader), as: UTF8.self)
        #expect(said.contains(#""event":"void","first":1,"last":20}"#))
    }

    @Test("64 MiB ahead of the log calls are blocked, results pass and are recorded; once the log has caught up, calls go on")
    func behind() throws {
        let pair = try SocketPair(.messages, nonBlocking: true)
        let daemon = pair.first
        let second = pair.second
        let session = second.release()
        defer { close(session) }
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/spool"
        _ = try WorkingDirectory().open(path, [.write, .create], mode: 0o600)
        let stage = try Stage(spool: path, session: session)
        try stage.client(Conversation.call("1", "get_a"))
        #expect(stage.serverGets().contains("get_a"))
        // As if so much had been written that the log does not have.
        stage.gate.foldedBytes -= Spool.lead
        stage.gate.askedAt -= Spool.lead
        try stage.client(Conversation.call("2", "get_secret"))
        _ = stage.clientGets()
        try stage.client(Conversation.call("3", "get_a"))
        try stage.client(Conversation.call("4", "get_secret"))
        #expect(stage.serverGets().isEmpty)
        #expect(stage.clientGets().split(separator: "\n").count { $0.contains("D309") } == 2)
        try stage.server(Self.result)
        #expect(stage.clientGets() == Self.result + "\n")
        let asked = try daemon.receive(atMost: GateMessage.sizeLimit)?.bytes
        #expect(asked == GateMessage.ahead.json.encoded())
        let position = stage.gate.spool.position
        _ = try daemon.send(DaemonMessage.folded(bytes: position).json.encoded())
        try stage.client(Conversation.call("5", "get_a"))
        #expect(stage.serverGets().contains("get_a"))
        let said = String(decoding: try WorkingDirectory().contents(of: path, limit: 65_536) ?? [], as: UTF8.self)
        #expect(said.contains(#"{"event":"unrecorded","inputs":2,"reason":"D309"}"#) && said.contains(#""status":"result""#))
    }

    @Test("how many inputs were blocked without a record is recorded with the next one")
    func counts() throws {
        let gate = try Conversation()
        _ = gate.unrecorded(.client, Conversation.call("1", "get_a"))
        _ = gate.unrecorded(.client, Conversation.call("2", "get_secret"))
        for id in 3...5 { gate.client(Conversation.call("\(id)", "get_a")) }
        let bodies = gate.recordsAgain(lastNumber: 20)
        #expect(bodies == [["event": "unrecorded", "inputs": 5, "reason": "D301"]])
    }
}
