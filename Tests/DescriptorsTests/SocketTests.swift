import Descriptors
import Glibc
import TestSupport
import Testing

@Suite struct SocketTests {
    @Test("a message keeps its borders and carries descriptors", arguments: [SocketKind.messages, .stream])
    func passesDescriptors(kind: SocketKind) throws {
        let pair = try SocketPair(kind)
        let pipe = try Pipe()
        #expect(try pair.first.send([1, 2, 3], descriptors: [pipe.writer.borrowed, pipe.reader.borrowed]) == .moved(3))
        guard var message = try pair.second.receive(atMost: 16, descriptors: 4) else {
            Issue.record("nothing arrived")
            return
        }
        #expect(message.bytes == [1, 2, 3])
        #expect(message.descriptors.count == 2)
        let writer = message.descriptors.take(0)
        #expect(message.descriptors.peek(0) == nil)
        try writer?.writeWhole("through")
        #expect(try pipe.reader.bytesWaiting(7) == Array("through".utf8))
    }

    @Test("descriptors that are not taken are closed with the message")
    func closesUntaken() throws {
        let pair = try SocketPair(.messages)
        let pipe = try Pipe()
        let reader = pipe.reader
        do {
            let writer = pipe.writer
            _ = try pair.first.send([1], descriptors: [writer.borrowed])
        }
        do {
            let message = try pair.second.receive(atMost: 16, descriptors: 4)
            let arrived = message != nil
            #expect(arrived)
        }
        #expect(try reader.readAll(limit: 4) == [])
    }

    @Test("nothing to receive is nil, a closed peer is the end, a long message or too many descriptors an error")
    func receiveOutcomes() throws {
        let pair = try SocketPair(.messages)
        let isNil = try pair.second.receive(atMost: 4) == nil
        #expect(isNil)
        _ = try pair.first.send([1, 2, 3, 4, 5])
        #expect(throws: Errno.messageSize) { _ = try pair.second.receive(atMost: 4) }
        let pipe = try Pipe()
        _ = try pair.first.send([1], descriptors: [pipe.reader.borrowed, pipe.writer.borrowed])
        #expect(throws: Errno.noBuffers) { _ = try pair.second.receive(atMost: 4, descriptors: 1) }
        let second = pair.second
        _ = consume pair.first
        let isEnd = try second.receive(atMost: 4)?.isEnd
        #expect(isEnd == true)
    }

    @Test("a listener accepts, and knows who connected")
    func peers() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/socket"
        let listener = try UnixSocket.listen(at: path)
        let nobody = try listener.accept() == nil
        #expect(nobody)
        let client = try UnixSocket.connect(to: path)
        guard let server = try listener.accept() else {
            Issue.record("nobody was accepted")
            return
        }
        let peer = try server.peerCredentials()
        #expect(peer.process == getpid() && peer.user == getuid() && peer.group == getgid())
        let isSocket = client.isSocket
        #expect(isSocket)
        #expect(throws: Errno.noEntry) { _ = try UnixSocket.connect(to: scratch.path + "/other").release() }
        #expect(throws: Errno.nameTooLong) { _ = try UnixSocket.connect(to: String(repeating: "x", count: 108)).release() }
    }

    @Test("a shared descriptor is read and written without waiting and without O_NONBLOCK", arguments: [true, false])
    func sharedDescriptors(isSocket: Bool) throws {
        let (reading, writing) = try ends(isSocket)
        let reader = OwnedDescriptor(owning: reading)
        let writer = OwnedDescriptor(owning: writing)
        var room = [UInt8](repeating: 0, count: 8)
        #expect(try room.withUnsafeMutableBytes { try reader.readNow(into: $0, isSocket: isSocket) } == .wouldBlock)
        #expect(try [UInt8]([7, 8]).withUnsafeBytes { try writer.writeNow($0, isSocket: isSocket) } == .moved(2))
        #expect(try room.withUnsafeMutableBytes { try reader.readNow(into: $0, isSocket: isSocket) } == .moved(2))
        #expect(Array(room.prefix(2)) == [7, 8])
        #expect(try !reader.statusFlags().contains(.nonBlocking))
    }

    private func ends(_ isSocket: Bool) throws -> (Int32, Int32) {
        if isSocket {
            let pair = try SocketPair(.stream)
            return (pair.first.release(), pair.second.release())
        }
        let pipe = try Pipe()
        return (pipe.reader.release(), pipe.writer.release())
    }
}
