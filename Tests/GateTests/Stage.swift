import Decision
import Descriptors
import EventLoop
import Evidence
import Glibc
import MCP
import Policy
import StrictJSON
import Testing

@testable import Gate

/// A gate's loop between pipes that the test holds the other ends of, driven turn by turn on the test's own thread.
final class Stage {
    enum ClientKind: CaseIterable { case pipes, socket }

    let gate: GateLoop
    /// The client's ends; negative once closed.
    private(set) var clientWriter: Int32
    private(set) var clientReader: Int32
    private(set) var serverReader: Int32
    private(set) var serverWriter: Int32
    private(set) var errorWriter: Int32
    /// Closed, it is a dead keeper.
    private(set) var keeperLife: Int32
    let people: Int32
    /// The gate's ends of what is shared with the client.
    let shared: [Int32]
    private var others: [Int32]

    init(
        _ kind: ClientKind = .pipes, spool path: String? = nil, fromClient: Int32? = nil, toClient: Int32? = nil, people: Int32? = nil,
        server: String = "test", denials: (ring: RingBuffer, number: Int32)? = nil, session: Int32? = nil,
        isDurable: Bool = false
    ) throws {
        let (serverIn, serverOut, errors, lines) = (try Self.pipe(), try Self.pipe(), try Self.pipe(), try Self.pipe())
        // A pidfd becomes readable when its process dies, as a pipe does when its writer is closed.
        let keeper = try Self.pipe()
        keeperLife = keeper.writer
        let client = try Self.client(kind)
        (clientWriter, clientReader) = (client.writer, client.reader)
        (serverReader, serverWriter, errorWriter, self.people) = (serverIn.reader, serverOut.writer, errors.writer, lines.reader)
        let streams = GateStreams(
            fromClient: fromClient ?? client.gateReader, toClient: toClient ?? client.gateWriter, people: people ?? lines.writer,
            toServer: serverIn.writer, fromServer: serverOut.reader, serverErrors: errors.reader, keeper: keeper.reader,
            session: session)
        shared = [streams.fromClient, streams.toClient, streams.people]
        others = [keeper.reader, client.gateReader, client.gateWriter, lines.writer, serverOut.reader, errors.reader]
        let rules = try LayeredRules(policy: ToolsClause(rules: Conversation.rules))
        let state = GateState(
            rules: rules, facts: GateFacts(server: server, policyDigest: "0123", isQuiet: true), commitmentKey: [1, 2, 3])
        let spool = SpoolWriter(OwnedDescriptor(owning: try Self.check(open(path ?? "/dev/null", O_WRONLY | O_APPEND | O_CLOEXEC))))
        gate = try GateLoop(state: state, spool: spool, streams: streams, isDurable: isDurable, denials: denials)
        for number in [clientReader, serverReader, lines.reader] { _ = fcntl(number, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        for number in [clientWriter, clientReader, serverReader, serverWriter, errorWriter, keeperLife, people] + others where number >= 0 {
            close(number)
        }
    }

    static func check(_ result: Int32) throws -> Int32 {
        try #require(result >= 0)
        return result
    }

    /// An open file without a name.
    static func temporaryFile() throws -> Int32 {
        var path = Array("/tmp/gate-test-XXXXXX".utf8CString)
        let number = try check(mkstemp(&path))
        unlink(path)
        return number
    }

    private static func pipe() throws -> (reader: Int32, writer: Int32) {
        let pipe = try Pipe()
        return (pipe.reader.release(), pipe.writer.release())
    }

    private static func client(_ kind: ClientKind) throws -> (writer: Int32, reader: Int32, gateReader: Int32, gateWriter: Int32) {
        switch kind {
        case .pipes:
            let (input, output) = (try pipe(), try pipe())
            return (input.writer, output.reader, input.reader, output.writer)
        case .socket:
            let pair = try SocketPair(.stream)
            let (ours, gates) = (pair.first.release(), pair.second.release())
            return (ours, try check(dup(ours)), gates, try check(dup(gates)))
        }
    }

    /// Lets the gate do what is ready, until it has nothing left to do.
    func settle(turns: Int = 20) throws {
        for _ in 0..<turns where !gate.isOver { try gate.runTurn(waiting: false) }
    }

    /// Writes a line as the client, and lets the gate work.
    func client(_ line: String) throws { try write(clientWriter, Array((line + "\n").utf8)) }

    func server(_ line: String) throws { try write(serverWriter, Array((line + "\n").utf8)) }

    /// The handshake of 2025-06-18; what it writes is read.
    func agree() throws {
        try client(#"{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#)
        try server(#"{"jsonrpc":"2.0","id":"i","result":{"protocolVersion":"2025-06-18","capabilities":{}}}"#)
        try #require(!clientGets().isEmpty && !serverGets().isEmpty)
    }

    /// Writes all of it, in whatever pieces the pipe takes, the gate working in between.
    func write(_ number: Int32, _ bytes: [UInt8]) throws {
        let flags = fcntl(number, F_GETFL)
        _ = fcntl(number, F_SETFL, flags | O_NONBLOCK)
        var rest = bytes[...]
        var idle = 0
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            idle = count > 0 ? 0 : idle + 1
            try #require(idle < 100)
            rest = rest.dropFirst(max(0, count))
            try settle(turns: 3)
        }
        try settle()
    }

    /// Fills a pipe as far as it goes; returns how many bytes it took.
    func fill(_ number: Int32, _ bytes: [UInt8]) throws -> Int {
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
        var taken = 0
        while taken < bytes.count {
            let count = bytes[taken...].withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            try settle(turns: 3)
            if count <= 0, bytes[taken...].withUnsafeBytes({ Glibc.write(number, $0.baseAddress, $0.count) }) <= 0 { return taken }
            taken += max(0, count)
        }
        return taken
    }

    /// What lies in a pipe now.
    func read(_ number: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(number, &room, room.count)
            guard count > 0 else { return bytes }
            bytes += room[..<count]
        }
    }

    /// Whether the other end is closed and nothing is left.
    func isEnded(_ number: Int32) -> Bool {
        var byte: UInt8 = 0
        return Glibc.read(number, &byte, 1) == 0
    }

    func clientGets() -> String { String(decoding: read(clientReader), as: UTF8.self) }

    func serverGets() -> String { String(decoding: read(serverReader), as: UTF8.self) }

    func peopleGet() -> String { String(decoding: read(people), as: UTF8.self) }

    func closeClientWriter() throws { try end(&clientWriter) }

    func closeClientReader() throws { try end(&clientReader) }

    func closeServerWriter() throws { try end(&serverWriter) }

    func closeServerReader() throws { try end(&serverReader) }

    func killKeeper() throws { try end(&keeperLife) }

    func errors(_ bytes: [UInt8]) throws { try write(errorWriter, bytes) }

    private func end(_ number: inout Int32) throws {
        close(number)
        number = -1
        try settle()
    }
}
