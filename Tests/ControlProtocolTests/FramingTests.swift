import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import ControlProtocol

private struct NothingThere: Error {}

private func received(_ socket: borrowing OwnedDescriptor) throws -> ReceivedMessage {
    guard let message = try socket.receive(atMost: 65_536, descriptors: 4) else { throw NothingThere() }
    return message
}

@Suite struct FramingTests {
    private static func object(_ number: Int, padding: Int = 0) -> JSONObject {
        JSONObject([("number", JSON(number)), ("padding", .string(String(repeating: "x", count: padding)))])
    }

    @Test("messages come out as they went in, wherever the stream is cut", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func survivesCuts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let objects = (0..<20).map { Self.object($0, padding: Int.random(in: 0...300, using: &random)) }
        var stream = Array(objects.map { JSON.object($0).encoded() + [0] }.joined())[...]
        let pair = try SocketPair(.stream)
        var reader = FrameReader()
        var read: [JSONObject] = []
        while !stream.isEmpty {
            let part = stream.prefix(Int.random(in: 1...500, using: &random))
            stream = stream.dropFirst(part.count)
            _ = try pair.first.send(Array(part))
            guard let message = try pair.second.receive(atMost: 500, descriptors: 4) else { continue }
            try reader.append(message)
            while let frame = try reader.next() { read.append(frame.object) }
        }
        #expect(read == objects, "seed \(seed)")
        let isBetween = reader.isBetweenMessages
        #expect(isBetween)
    }

    @Test("descriptors belong to the message that began with them, even when an earlier one is read in the same go")
    func descriptorsFollowTheirMessage() throws {
        let pair = try SocketPair(.stream)
        let pipe = try Pipe()
        _ = try pair.first.send(JSON.object(Self.object(1)).encoded() + [0])
        _ = try pair.first.send(JSON.object(Self.object(2)).encoded() + [0], descriptors: [pipe.writer.borrowed])
        _ = try pair.first.send(JSON.object(Self.object(3)).encoded() + [0])
        var reader = FrameReader()
        var counts: [Int: Int] = [:]
        while let message = try pair.second.receive(atMost: 65_536, descriptors: 4) {
            try reader.append(message)
            while let frame = try reader.next() { counts[Int(frame.object["number"]?.int64 ?? 0)] = frame.descriptors.count }
        }
        #expect(counts == [1: 0, 2: 1, 3: 0])
    }

    @Test("descriptors that come in the middle of a message are a violation")
    func refusesStrayDescriptors() throws {
        let pair = try SocketPair(.stream)
        let pipe = try Pipe()
        var reader = FrameReader()
        _ = try pair.first.send(Array("{\"method\":".utf8))
        try reader.append(try received(pair.second))
        _ = try pair.first.send(Array("\"x\"}\0".utf8), descriptors: [pipe.writer.borrowed])
        #expect(throws: ProtocolViolation.strayDescriptors) { try reader.append(try received(pair.second)) }
    }

    @Test(
        "what is not one strict JSON object is a violation",
        arguments: [
            "[]\0", "\0", "{\"a\":1,\"a\":2}\0", "{}{}\0", "{\"a\":\"\u{1}\"}\0", "nonsense\0",
        ])
    func refusesOtherThings(text: String) throws {
        let pair = try SocketPair(.stream)
        _ = try pair.first.send(Array(text.utf8))
        var reader = FrameReader()
        try reader.append(try received(pair.second))
        #expect(throws: ProtocolViolation.notAnObject) { _ = try reader.next()?.object }
    }

    @Test("a message longer than the limit is a violation, before it has ended")
    func refusesEndlessMessages() throws {
        let pair = try SocketPair(.stream)
        var reader = FrameReader()
        #expect(throws: ProtocolViolation.tooLong) {
            while true {
                _ = try pair.first.send([UInt8](repeating: UInt8(ascii: "x"), count: 65_536))
                try reader.append(try received(pair.second))
                _ = try reader.next()?.object
            }
        }
    }
}
