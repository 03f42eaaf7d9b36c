import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Evidence

@Suite struct SpoolTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func writer(_ name: String = "spool") throws -> SpoolWriter {
        SpoolWriter(try WorkingDirectory().open("\(scratch.path)/\(name)", [.write, .append, .create]))
    }

    private func file(_ name: String = "spool") throws -> OwnedDescriptor {
        try WorkingDirectory().open("\(scratch.path)/\(name)")
    }

    /// All items up to the first that is no frame, that one included.
    private func items(_ name: String = "spool") throws -> (frames: [SpoolFrame], last: SpoolReader.Item) {
        let file = try file(name)
        var reader = SpoolReader()
        var frames: [SpoolFrame] = []
        while true {
            let item = try reader.next(from: file)
            guard case .frame(let frame) = item else { return (frames, item) }
            frames.append(frame)
        }
    }

    private func body(_ count: Int) -> [UInt8] { Array("{\"x\":\"".utf8) + [UInt8](repeating: 0x61, count: count) + Array("\"}".utf8) }

    @Test("what is appended is read back: kind, number, time and body, one frame after another")
    func roundTrip() throws {
        var spool = try writer()
        for (index, kind) in ReceiptKind.allCases.enumerated() {
            let number = try spool.append(kind, body: body(index * 1_000), time: someTime + UInt64(index))
            #expect(number == UInt64(index + 1))
        }
        let (frames, last) = try items()
        #expect(last == .end)
        #expect(frames.map(\.kind) == ReceiptKind.allCases)
        #expect(frames.map(\.number) == (1...frames.count).map { UInt64($0) })
        #expect(frames.map(\.time) == ReceiptKind.allCases.indices.map { someTime + UInt64($0) })
        #expect(frames.map(\.body) == ReceiptKind.allCases.indices.map { body($0 * 1_000) })
        let size = try file().status().size
        let position = spool.position
        #expect(position == size)
    }

    @Test("staged statements are written by one write, and not before")
    func batch() throws {
        let pair = try SocketPair(.messages)
        let reading = pair.second
        var spool = SpoolWriter(pair.first)
        try spool.stage(.decision, body: body(1))
        try spool.stage(.decision, body: body(2))
        let before = try reading.receive(atMost: 1_000) == nil
        #expect(before)
        try spool.commit()
        // A message socket keeps the borders of writes: all is in the first message.
        let count = try reading.receive(atMost: 1_000)?.bytes.count
        #expect(count == 2 * SpoolHeader.size + body(1).count + body(2).count)
        let after = try reading.receive(atMost: 1_000) == nil
        #expect(after)
    }

    @Test("a spool cut anywhere in its last frame is torn there, and every frame before it is whole")
    func tornTails() throws {
        var spool = try writer()
        for _ in 0..<3 { try spool.append(.decision, body: body(20)) }
        let whole = try scratch.read("spool")
        let frame = whole.count / 3
        for cut in 2 * frame..<whole.count {
            try scratch.write("cut", Array(whole[..<cut]))
            let (frames, last) = try items("cut")
            #expect(frames.count == 2)
            #expect(last == (cut == 2 * frame ? .end : .torn(bytes: cut - 2 * frame)), "cut at \(cut)")
        }
    }

    @Test("a torn frame is read once the rest has come")
    func growing() throws {
        var spool = try writer()
        try spool.append(.decision, body: body(20))
        let whole = try scratch.read("spool")
        var reader = SpoolReader()
        let growing = try WorkingDirectory().open("\(scratch.path)/grow", [.readWrite, .create, .append])
        for byte in whole.dropLast() {
            try growing.writeWhole([byte])
            guard case .torn = try reader.next(from: growing) else {
                Issue.record("not torn")
                return
            }
        }
        try growing.writeWhole([0x7D])
        guard case .frame(let frame) = try reader.next(from: growing) else {
            Issue.record("no frame")
            return
        }
        #expect(frame.body == body(20))
    }

    @Test("any single byte that is changed is found: a fault or a torn end, never a frame of other content")
    func byteFlips() throws {
        var spool = try writer()
        for _ in 0..<3 { try spool.append(.decision, body: body(9), time: someTime) }
        let whole = try scratch.read("spool")
        let (good, _) = try items()
        for offset in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[offset] ^= 1 << UInt8(bit)
                try scratch.write("changed", changed)
                let (frames, last) = try items("changed")
                #expect(frames == Array(good.prefix(frames.count)) && frames.count < 3 && last != .end, "offset \(offset) bit \(bit)")
            }
        }
    }

    @Test("a frame that is missing, doubled or swapped is a gap")
    func gaps() throws {
        var spool = try writer()
        for _ in 0..<4 { try spool.append(.decision, body: body(9)) }
        let whole = try scratch.read("spool")
        let size = whole.count / 4
        func frame(_ index: Int) -> ArraySlice<UInt8> { whole[index * size..<(index + 1) * size] }
        let cases: [(order: [Int], expected: UInt64, found: UInt64)] = [
            ([0, 2, 3], 2, 3), ([0, 1, 1, 2], 3, 2), ([0, 2, 1, 3], 2, 3), ([1], 1, 2),
        ]
        for (order, expected, found) in cases {
            try scratch.write("gap", order.flatMap { frame($0) })
            guard case .fault(.gap(_, expected, found)) = try items("gap").last else {
                Issue.record("\(order): \(try items("gap").last)")
                continue
            }
        }
    }

    @Test("on a full disk nothing is appended, and nothing more until recovery")
    func fullDisk() throws {
        var spool = SpoolWriter(try WorkingDirectory().open("/dev/full", .write))
        #expect(throws: SpoolError.write(.noSpace)) { try spool.append(.decision, body: []) }
        #expect(throws: SpoolError.needsRecovery) { try spool.append(.decision, body: []) }
        try spool.recover()
        #expect(throws: SpoolError.write(.noSpace)) { try spool.append(.decision, body: []) }
        let last = spool.lastNumber
        #expect(last == 0)
    }

    @Test(
        "a write that ends early is finished by recovery, and its numbers are stated void", arguments: [2_000, 4_040, 4_056, 4_057, 8_000])
    func shortWrite(size: Int) throws {
        // A pipe with one page left takes the beginning of a longer write, as a disk does that fills up.
        let page = 4_096
        let pipe = try Pipe(nonBlocking: true)
        let reader = pipe.reader
        let filler = Int(fcntl(pipe.writer.number, getPipeSize)) - page
        try pipe.writer.writeWhole([UInt8](repeating: 0, count: filler))
        var spool = SpoolWriter(pipe.writer)
        try spool.stage(.decision, body: body(size), time: someTime)
        try spool.stage(.decision, body: body(5_000), time: someTime)
        let total = 2 * SpoolHeader.size + body(size).count + body(5_000).count
        #expect(throws: SpoolError.short(written: page, of: total)) { try spool.commit() }
        #expect(throws: SpoolError.needsRecovery) { try spool.append(.decision, body: body(9)) }
        #expect(throws: SpoolError.write(.tryAgain)) { try spool.recover() }
        var received: [UInt8] = []
        while case .moved = try reader.read(appendingTo: &received, atMost: 1 << 16) {}
        try spool.recover()
        try spool.append(.outcome, body: body(9))
        while case .moved = try reader.read(appendingTo: &received, atMost: 1 << 16) {}
        try scratch.write("spool", Array(received.dropFirst(filler)))
        let (frames, last) = try items()
        #expect(last == .end)
        #expect(frames.map(\.kind) == [.decision, .decision, .lifecycle, .outcome])
        #expect(frames[2].body == Array(#"{"event":"void","first":1,"last":2}"#.utf8))
        let position = spool.position
        #expect(position == received.count - filler)
    }

    @Test("what was torn is void also where there was room for the rest of it, and for no more")
    func voidLater() throws {
        let page = 4_096
        let pipe = try Pipe(nonBlocking: true)
        let reader = pipe.reader
        let filler = Int(fcntl(pipe.writer.number, getPipeSize)) - page
        try pipe.writer.writeWhole([UInt8](repeating: 0, count: filler))
        var spool = SpoolWriter(pipe.writer)
        let frame = SpoolHeader.size + body(0).count
        try spool.stage(.decision, body: body(3_000), time: someTime)
        try spool.stage(.decision, body: body(2 * page - 2 * frame - 3_000), time: someTime)
        #expect(throws: SpoolError.short(written: page, of: 2 * page)) { try spool.commit() }
        var received: [UInt8] = []
        guard case .moved = try reader.read(appendingTo: &received, atMost: page) else { throw Errno.io }
        #expect(throws: SpoolError.self) { try spool.recover() }
        #expect(throws: SpoolError.needsRecovery) { try spool.append(.decision, body: body(9)) }
        while case .moved = try reader.read(appendingTo: &received, atMost: 1 << 16) {}
        try spool.recover()
        try spool.append(.outcome, body: body(9))
        while case .moved = try reader.read(appendingTo: &received, atMost: 1 << 16) {}
        try scratch.write("spool", Array(received.dropFirst(filler)))
        let (frames, last) = try items()
        #expect(last == .end)
        #expect(frames.map(\.kind) == [.decision, .decision, .lifecycle, .outcome])
        #expect(frames[2].body == Array(#"{"event":"void","first":1,"last":2}"#.utf8))
        let position = spool.position, number = spool.lastNumber
        #expect(position == received.count - filler && number == 4)
    }

    @Test("what is not on the disk is void, and a failed fdatasync is not asked again")
    func unsynced() throws {
        // fdatasync(2) of a pipe is EINVAL; its write(2) is not.
        let pipe = try Pipe(nonBlocking: true)
        let reader = pipe.reader
        var spool = SpoolWriter(pipe.writer)
        try spool.append(.decision, body: body(1))
        try spool.stage(.decision, body: body(2))
        try spool.stage(.decision, body: body(3))
        #expect(throws: SpoolError.synchronize(.invalid)) { try spool.commit(durably: true) }
        let last = spool.lastNumber
        #expect(last == 1)
        #expect(throws: SpoolError.needsRecovery) { try spool.append(.decision, body: body(9)) }
        for _ in 0..<2 { #expect(throws: SpoolError.synchronize(.invalid)) { try spool.recover() } }
        var received: [UInt8] = []
        while case .moved = try reader.read(appendingTo: &received, atMost: 1 << 16) {}
        try scratch.write("spool", received)
        let (frames, end) = try items()
        #expect(end == .end)
        #expect(frames.map(\.kind) == [.decision, .decision, .decision, .lifecycle])
        #expect(frames[3].body == Array(#"{"cause":"EINVAL","event":"void","first":2,"last":3}"#.utf8))
    }

    @Test("statements that are durable are appended as others are")
    func durable() throws {
        var spool = try writer()
        try spool.stage(.decision, body: body(1))
        try spool.commit(durably: true)
        let frames = try items().frames
        #expect(frames.count == 1)
    }

    /// `F_GETPIPE_SZ`, which the Glibc module lacks.
    private let getPipeSize: Int32 = 1_032

    @Test("statements that were staged beside one that is refused are not written later")
    func refusedBatch() throws {
        var spool = try writer()
        try spool.stage(.decision, body: body(1))
        #expect(throws: SpoolError.self) { try spool.stage(.decision, body: [UInt8](repeating: 0x20, count: Spool.bodyLimit + 1)) }
        try spool.commit()
        #expect(try spool.append(.outcome, body: body(2)) == 1)
        #expect(try items().frames.map(\.kind) == [.outcome])
    }

    @Test("a body beyond the limit is refused before anything is written")
    func tooLarge() throws {
        var spool = try writer()
        let large = [UInt8](repeating: 0x20, count: Spool.bodyLimit + 1)
        #expect(throws: SpoolError.tooLarge(large.count)) { try spool.append(.decision, body: large) }
        try spool.append(.decision, body: Array(large.dropLast()))
        let last = try items().last
        #expect(last == .end)
    }
}
