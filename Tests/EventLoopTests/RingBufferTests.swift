import Descriptors
import EventLoop
import TestSupport
import Testing

@Suite struct RingBufferTests {
    static let busy: UInt64 = 1 << 31
    static let discarded: UInt64 = 1 << 30

    private func content(_ seed: Int, count: Int = 40) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) } }

    @Test("records come in their order, and their room is given back when the reader says so")
    func reads() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        #expect(reader.next() == .none)
        ring.produce(content(1))
        ring.produce(content(2, count: 3))
        ring.produce([])
        #expect(reader.next() == .record(content(1)))
        #expect(reader.next() == .record(content(2, count: 3)))
        #expect(reader.next() == .record([]))
        #expect(reader.next() == .none)
        #expect(try ring.consumed == 0)
        #expect(reader.holds)
        reader.release()
        #expect(try ring.consumed == 48 + 16 + 8)
        #expect(!reader.holds)
    }

    @Test("a record that goes over the end of the data is one piece", arguments: [8, 16, 24, 40])
    func wraps(_ left: Int) throws {
        var ring = try SyntheticRing()
        ring.begin(at: UInt64(3 * SyntheticRing.bytes - left))
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        ring.produce(content(5))
        ring.produce(content(6))
        #expect(reader.next() == .record(content(5)))
        #expect(reader.next() == .record(content(6)))
        #expect(reader.next() == .none)
    }

    @Test("a full ring is read to its end, again and again")
    func fills() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        for round in 0..<5 {
            for number in 0..<85 { ring.produce(content(round * 100 + number)) }
            for number in 0..<85 { #expect(reader.next() == .record(content(round * 100 + number))) }
            #expect(reader.next() == .none)
            reader.release()
            #expect(try ring.consumed == ring.produced)
        }
    }

    @Test("what was discarded is passed over, and its room given back")
    func discards() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        ring.produce(content(1), flags: Self.discarded)
        ring.produce(content(2))
        ring.produce(content(3), flags: Self.discarded)
        #expect(reader.next() == .record(content(2)))
        #expect(reader.next() == .none)
        reader.release()
        #expect(try ring.consumed == ring.produced)
    }

    @Test("nothing behind a record that is being written is read before it is whole")
    func waits() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        ring.produce(content(1), flags: Self.busy)
        ring.produce(content(2))
        #expect(reader.next() == .busy)
        reader.release()
        #expect(try ring.consumed == 0)
        ring.commit(0, count: 40)
        #expect(reader.next() == .record(content(1)))
        #expect(reader.next() == .record(content(2)))
    }

    @Test("positions and lengths that cannot be are not followed", arguments: 0..<4)
    func refuses(_ kind: Int) throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        switch kind {
        case 0: ring.produce(content(1), length: 1_000)
        case 1: ring.setProducer(UInt64(SyntheticRing.bytes + 8))
        case 2: ring.setProducer(4)
        default: ring.produce(content(1), length: 0x3fff_ffff)
        }
        #expect(reader.next() == .malformed)
        ring.begin(at: 0)
        ring.produce(content(2))
        #expect(reader.next() == .malformed)
        #expect(try ring.consumed == 0)
    }

    @Test("who watches begins where the consumer is, and takes nothing")
    func watches() throws {
        var ring = try SyntheticRing()
        let reader = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        ring.produce(content(1))
        ring.produce(content(2))
        _ = reader.next()
        reader.release()
        let watcher = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes, for: .watching)
        #expect(watcher.next() == .record(content(2)))
        watcher.release()
        #expect(try ring.consumed == 48)
        #expect(reader.next() == .record(content(2)))
    }

    @Test("who follows leaves out what somebody else consumed")
    func follows() throws {
        var ring = try SyntheticRing()
        let late = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        let early = try RingBuffer(mapping: ring.file.number, bytes: SyntheticRing.bytes)
        ring.produce(content(1))
        _ = early.next()
        early.release()
        ring.produce(content(2))
        late.follow()
        #expect(late.next() == .record(content(2)))
    }

    @Test("a size that no ring buffer has is refused", arguments: [0, 100, 4_095, 6_144, 1 << 31])
    func sizes(_ bytes: Int) throws {
        let ring = try SyntheticRing()
        #expect(throws: Errno.invalid) { _ = try RingBuffer(mapping: ring.file.number, bytes: bytes) }
    }
}
