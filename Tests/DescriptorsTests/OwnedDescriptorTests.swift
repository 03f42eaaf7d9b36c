import Descriptors
import Glibc
import Testing

@Suite struct OwnedDescriptorTests {
    @Test("an owned descriptor is closed with its owner, a released one is not")
    func closes() throws {
        let kept: Int32
        do {
            let pipe = try Pipe()
            let writer = pipe.writer
            let reader = pipe.reader
            kept = reader.release()
            try writer.writeWhole("x")
        }
        // Truth is what the reader sees: one byte, then the end, because the writer was closed.
        let reader = OwnedDescriptor(owning: kept)
        #expect(try reader.readAll(limit: 10) == [0x78])
    }

    @Test("a duplicate names the same open file and closes on exec")
    func duplicates() throws {
        let pipe = try Pipe()
        let copy = try pipe.writer.duplicate()
        #expect(copy.number != pipe.writer.number)
        #expect(fcntl(copy.number, F_GETFD) == FD_CLOEXEC)
        try copy.writeWhole("yz")
        #expect(try pipe.reader.bytesWaiting(2) == [0x79, 0x7A])
    }

    @Test("a non-blocking read of nothing is a value, the end is another")
    func readValues() throws {
        let pipe = try Pipe(nonBlocking: true)
        var bytes: [UInt8] = []
        #expect(try pipe.reader.read(appendingTo: &bytes, atMost: 8) == .wouldBlock)
        try pipe.writer.writeWhole("abc")
        #expect(try pipe.reader.read(appendingTo: &bytes, atMost: 8) == .moved(3))
        #expect(bytes == Array("abc".utf8))
        let reader = pipe.reader
        _ = consume pipe.writer
        #expect(try reader.read(appendingTo: &bytes, atMost: 8) == .ended)
        #expect(bytes == Array("abc".utf8))
    }

    static let failures: [(path: String, flags: OpenFlags, name: String)] = [
        ("/nonexistent/x", .read, "ENOENT"), ("/dev", .write, "EISDIR"), ("/dev/null", .directory, "ENOTDIR"), ("a\0b", .read, "EINVAL"),
    ]

    @Test("a failure is thrown as the errno it is", arguments: failures)
    func errors(failure: (path: String, flags: OpenFlags, name: String)) {
        let error = #expect(throws: Errno.self) { _ = try WorkingDirectory().open(failure.path, failure.flags).release() }
        #expect(error?.name == failure.name)
    }
}

extension Descriptor where Self: ~Copyable {
    /// Reads exactly `count` bytes of a pipe that holds them.
    func bytesWaiting(_ count: Int) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard case .moved = try read(appendingTo: &bytes, atMost: count - bytes.count) else { throw .badMessage }
        }
        return bytes
    }
}
