import Descriptors

/// The checkpoints of a log as they lie in their file: notes of five lines, one after another.
struct CheckpointFile {
    struct Entry {
        /// nil when the note is not one.
        let checkpoint: Checkpoint?
        /// Of its first line, from 1.
        let line: Int
        let offset: Int
    }

    private(set) var entries: [Entry] = []
    /// Where an incomplete last note begins; nil when there is none.
    private(set) var tornOffset: Int?

    /// Notes are small: a file of 100,000 has 20 MB.
    private static let limit = 1 << 30

    /// A missing file has no checkpoints. From `offset` on, where a note must begin; their lines are then not known, and count from there.
    init(in directory: borrowing some Descriptor & ~Copyable, from offset: Int = 0) throws(Errno) {
        let bytes: [UInt8]
        do throws(Errno) {
            let file = try directory.open(LogFiles.checkpoints)
            let count = try file.status().size - offset
            guard (0...Self.limit).contains(count) else { throw .fileTooLarge }
            bytes = try file.bytes(at: offset, count: count)
        } catch {
            if error == .noEntry { return }
            throw error
        }
        read(bytes, offset)
    }

    private mutating func read(_ bytes: [UInt8], _ offset: Int) {
        var start = 0
        var line = 1
        while start < bytes.count {
            guard let end = Self.endOfNote(bytes, start) else {
                tornOffset = offset + start
                return
            }
            let text = String(validating: bytes[start..<end], as: UTF8.self)
            entries.append(Entry(checkpoint: text.flatMap { Checkpoint(text: $0) }, line: line, offset: offset + start))
            start = end
            line += Checkpoint.lineCount
        }
    }

    private static func endOfNote(_ bytes: [UInt8], _ start: Int) -> Int? {
        var position = start
        for _ in 0..<Checkpoint.lineCount {
            guard let feed = bytes[position...].firstIndex(of: 0x0A) else { return nil }
            position = feed + 1
        }
        return position
    }
}
