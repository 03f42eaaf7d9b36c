import Descriptors
import Glibc
import StrictJSON
import Testing

@testable import PathFinding

@Suite("Reading what was found")
struct FileReadingTests {
    private let scratch = Scratch()

    /// Asks the real service to read what it found at these paths.
    private func read(_ paths: [String], places: (PathAnswer) -> [Int]) throws -> [FileReading] {
        let pair = try SocketPair(.messages)
        let far = pair.second
        var client = try PathFinderClient(pair.first, asking: PathQuestion(paths: paths, command: nil))
        let thread = Thread { try? PathFinderService.exchange(on: far) }
        defer { thread.join() }
        func wait(_ number: Int32) {
            var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, -1)
        }
        repeat { wait(client.socket.number) } while try !client.receive()
        var readings: [FileReading]?
        var problem: Errno?
        client.finish { answer, _, socket in
            do throws(Errno) {
                let wanted = places(answer)
                try PathFinderClient.ask(toRead: wanted, over: socket)
                while readings == nil {
                    wait(socket.number)
                    readings = try PathFinderClient.readings(wanted.count, from: socket)
                }
            } catch { problem = error }
        }
        if let problem { throw problem }
        return try #require(readings)
    }

    @Test("a file's digest is that of its content, with which content it was")
    func digests() throws {
        let path = scratch["file"], empty = scratch["empty"], large = scratch["large"]
        try write(path, Array("abc".utf8))
        try write(empty, [])
        try write(large, [UInt8](repeating: 0x61, count: 3 << 20))
        let readings = try read([path, empty, large, "/usr"]) { _ in [0, 1, 2, 3, 99] }
        let version = FileVersion(try WorkingDirectory().status(of: path))
        #expect(readings[0] == .read(sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", version))
        #expect(version.size == 3)
        guard case .read("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", _) = readings[1] else {
            Issue.record("\(readings[1])")
            return
        }
        // By sha256sum.
        guard case .read(let sha256, _) = readings[2] else {
            Issue.record("\(readings[2])")
            return
        }
        #expect(sha256.utf8.count == 64)
        #expect(readings[3] == .unread("not a regular file"))
        #expect(readings[4] == .unread("not found"))
    }

    @Test("a file that is too large is not read, whatever it holds")
    func tooLarge() throws {
        let large = scratch["large"]
        try write(large, [1])
        try WorkingDirectory().open(large, .write).truncate(to: FileReading.largest + 1)
        #expect(try read([large]) { _ in [0] } == [.unread("larger than 512 MiB")])
    }

    @Test("whoever writes a file, however it sets its times, changes its version")
    func versions() throws {
        let path = scratch["file"]
        try write(path, [1])
        let before = FileVersion(try WorkingDirectory().status(of: path))
        usleep(20_000)
        try write(path, [2])
        let back = [timespec(tv_sec: Int(before.modified / 1_000_000_000), tv_nsec: Int(before.modified % 1_000_000_000))]
        let times = [back[0], back[0]]
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
        let after = FileVersion(try WorkingDirectory().status(of: path))
        #expect(after.modified == before.modified && after.size == before.size && after.inode == before.inode)
        #expect(after != before)
        #expect(FileVersion(json: after.json) == after)
    }

    @Test("a reading is read back, and nothing else is one")
    func coding() throws {
        let version = FileVersion(try WorkingDirectory().status(of: "/"))
        for reading: FileReading in [.read(sha256: String(repeating: "0f", count: 32), version), .unread("EACCES")] {
            #expect(FileReading(json: reading.json) == reading)
        }
        for json: JSON in [
            nil, [:], ["sha256": "00", "version": version.json],
            ["sha256": .string(String(repeating: "0F", count: 32)), "version": version.json],
            ["sha256": .string(String(repeating: "0f", count: 32))],
        ] {
            #expect(FileReading(json: json) == nil)
        }
    }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        try WorkingDirectory().open(path, [.write, .create, .truncate]).writeWhole(bytes)
    }
}
