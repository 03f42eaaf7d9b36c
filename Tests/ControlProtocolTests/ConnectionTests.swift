import Descriptors
import EventLoop
import Foundation
import KernelPlan
import StrictJSON
import Testing

@testable import ControlProtocol

/// A server on its own thread that serves one connection until it ends; what it saw can be asked afterwards.
private final class OneConnectionServer: @unchecked Sendable {
    private(set) var end: ControlConnection.End?
    private let done = DispatchSemaphore(value: 0)

    typealias Admission = @Sendable (ControlConnection) throws(ControlError) -> PeerCredentials

    private static let everybody: Admission = { connection throws(ControlError) in
        do throws(Errno) { return try connection.peerCredentials() } catch { throw .notPermitted(problem: error.name) }
    }

    init(
        _ socket: consuming OwnedDescriptor, admit: @escaping Admission = everybody,
        _ onCall: @escaping @Sendable (ControlConnection, consuming ControlCall) -> Void
    ) {
        let number = socket.release()
        Thread.detachNewThread { [self] in
            serve(OwnedDescriptor(owning: number), admit, onCall)
            done.signal()
        }
    }

    private func serve(
        _ socket: consuming OwnedDescriptor, _ admit: @escaping Admission,
        _ onCall: @escaping (ControlConnection, consuming ControlCall) -> Void
    ) {
        do {
            let loop = try EventLoop()
            let connection = try ControlConnection(
                socket, in: loop, admit: admit, onCall: { connection, _, call in onCall(connection, call) },
                onEnd: { [self] _, end in
                    self.end = end
                    loop.stop()
                })
            try loop.run()
            withExtendedLifetime(connection) {}
        } catch {
            Issue.record(error)
        }
    }

    func waitForEnd() -> ControlConnection.End? {
        done.wait()
        return end
    }
}

private func soon() -> UInt64 { Clock.monotonic + 10_000_000_000 }

@Suite struct ConnectionTests {
    @Test("a call goes there with its descriptors and its reply comes back with its own")
    func wrapOverASocket() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let server = OneConnectionServer(pair.first) { connection, call in
            do {
                let request = try WrapRequest(call)
                try request.stdout.writeWhole("hello")
                connection.reply(WrapReply(session: "s1", lifeline: request.stdin, custody: .user, prober: "/p/sandbox-prober").encode())
            } catch {
                connection.fail(.invalidParameter("unreadable"))
            }
        }
        let pipe = try Descriptors.Pipe()
        var request = try CodingTests.request()
        request.stdout = try pipe.writer.duplicate()
        var client = ControlClient(pair.second)
        let message = try client.call(.wrap, request.encode(), deadline: soon())
        let reply = try WrapReply(message)
        #expect(reply.session == "s1")
        #expect(reply.custody == .user)
        #expect(reply.prober == "/p/sandbox-prober")
        let said = try pipe.reader.bytesAvailable()
        #expect(said == Array("hello".utf8))
        _ = consume client
        #expect(server.waitForEnd() == .closed)
    }

    @Test("the service answers for itself, and unknown names by the varlink errors")
    func serviceInterface() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let server = OneConnectionServer(pair.first) { connection, _ in connection.fail(.notPermitted(problem: "test")) }
        var client = ControlClient(pair.second)
        let info = try client.call(named: "org.varlink.service.GetInfo", ControlMessage(), deadline: soon())
        #expect(info.parameters["interfaces"] == ["org.varlink.service", "io.sandboxd"])
        let asked = ControlMessage(JSONObject([("interface", "io.sandboxd")]))
        let text = try client.call(named: "org.varlink.service.GetInterfaceDescription", asked, deadline: soon())
        #expect(text.parameters["description"]?.string == ControlInterface.description)
        let cases: [(String, ControlError)] = [
            ("io.sandboxd.Nothing", .methodNotFound("io.sandboxd.Nothing")), ("io.other.Wrap", .interfaceNotFound("io.other")),
            ("io.sandboxd.HostProfile", .notPermitted(problem: "test")),
        ]
        for (method, expected) in cases {
            let failure = #expect(throws: ControlCallFailure.self) {
                _ = try client.call(named: method, ControlMessage(), deadline: soon()).parameters
            }
            #expect(failure == .answered(expected))
        }
        _ = consume client
        #expect(server.waitForEnd() == .closed)
    }

    @Test("who is not admitted is answered nothing, the service's own methods neither")
    func notAdmitted() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let refusal = ControlError.notPermitted(problem: "test")
        let admit: OneConnectionServer.Admission = { _ throws(ControlError) in throw refusal }
        let server = OneConnectionServer(pair.first, admit: admit) { _, _ in Issue.record("a call was handed out") }
        var client = ControlClient(pair.second)
        for method in ["org.varlink.service.GetInfo", "io.sandboxd.Nothing", "io.sandboxd.Wrap"] {
            let failure = #expect(throws: ControlCallFailure.self) {
                _ = try client.call(named: method, ControlMessage(), deadline: soon()).parameters
            }
            #expect(failure == .answered(refusal))
        }
        _ = consume client
        #expect(server.waitForEnd() == .closed)
    }

    @Test("a message of nearly the limit goes both ways")
    func largeMessages() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let server = OneConnectionServer(pair.first) { connection, call in connection.reply(ControlMessage(call.parameters)) }
        var client = ControlClient(pair.second)
        let parameters = JSONObject([("text", .string(String(repeating: "x", count: ControlLimits.messageBytes - 200)))])
        let echoed = try client.call(.wrap, ControlMessage(parameters), deadline: soon())
        #expect(echoed.parameters == parameters)
        let failure = #expect(throws: ControlCallFailure.self) {
            let more = ControlMessage(JSONObject([("text", .string(String(repeating: "x", count: ControlLimits.messageBytes)))]))
            _ = try client.call(.wrap, more, deadline: soon()).parameters
        }
        #expect(failure == .tooLarge)
        _ = consume client
        #expect(server.waitForEnd() == .closed)
    }

    @Test(
        "a peer that breaks the framing is closed without an answer",
        arguments: [
            ("{\"method\":1}\0", .malformed), ("{\"method\":\"a.b\",\"more\":1}\0", .malformed),
            ("{\"method\":\"a.b\",\"x\":0}\0", .malformed),
            ("hello\0", .notAnObject), ("{\"method\":", .cutOff),
        ] as [(String, ProtocolViolation)])
    func closesBrokenPeers(text: String, violation: ProtocolViolation) throws {
        let pair = try SocketPair(.stream)
        let server = OneConnectionServer(pair.first) { _, _ in Issue.record("no call was made") }
        try pair.second.writeWhole(text)
        try pair.second.shutdownWriting()
        #expect(server.waitForEnd() == .violation(violation))
    }

    @Test("a call that wants more gets one reply after another, in their order, until it goes")
    func several() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let server = OneConnectionServer(pair.first) { connection, call in
            guard call.wantsMore else { return connection.fail(.invalidParameter("more")) }
            for number in 0..<500 { connection.replyAndGoOn(ControlMessage(["number": JSON(number), "text": .string(Self.long)])) }
        }
        var client = ControlClient(pair.second)
        try client.callForMore(.watchApprovals, deadline: soon())
        for number in 0..<500 { #expect(try client.nextReply(deadline: soon()).parameters["number"] == JSON(number)) }
        _ = consume client
        #expect(server.waitForEnd() == .closed)
    }

    private static let long = String(repeating: "x", count: 10_000)

    @Test("whoever leaves too many replies unread is closed")
    func unread() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let server = OneConnectionServer(pair.first) { connection, _ in
            for number in 0..<5_000 { connection.replyAndGoOn(ControlMessage(["number": JSON(number), "text": .string(Self.long)])) }
        }
        var client = ControlClient(pair.second)
        try client.callForMore(.watchApprovals, deadline: soon())
        #expect(server.waitForEnd() == .violation(.tooLong))
        _ = consume client
    }

    @Test("a peer that goes away while its call is worked on ends the connection, and a late answer has no effect")
    func peerGoesAway() throws {
        let pair = try SocketPair(.stream, nonBlocking: true)
        let second = pair.second
        let number = second.release()
        let server = OneConnectionServer(pair.first) { _, _ in close(number) }
        _ = try BorrowedDescriptor(number).send(Array("{\"method\":\"io.sandboxd.HostProfile\"}\0".utf8))
        #expect(server.waitForEnd() == .closed)
    }

    @Test("a call that is not answered ends at its deadline, and a listener that closes is told apart")
    func deadlines() throws {
        let pair = try SocketPair(.stream)
        let silent = pair.first
        var client = ControlClient(pair.second)
        let late = #expect(throws: ControlCallFailure.self) {
            _ = try client.call(.hostProfile, deadline: Clock.monotonic + 2_000_000).parameters
        }
        #expect(late == .timedOut)
        _ = consume silent
        let closed = #expect(throws: ControlCallFailure.self) {
            _ = try client.call(.hostProfile, deadline: soon()).parameters
        }
        #expect(closed == .closed)
    }
}

extension Descriptor where Self: ~Copyable {
    /// What lies in a pipe now.
    fileprivate func bytesAvailable() throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try read(appendingTo: &bytes, atMost: 4_096)
        return bytes
    }
}
