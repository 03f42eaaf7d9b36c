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

    /// A missing file has no checkpoints.
    init(in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        let bytes: [UInt8]
        do throws(Errno) {
            guard let found = try directory.contents(of: LogFiles.checkpoints, limit: Self.limit) else { throw .fileTooLarge }
            bytes = found
        } catch {
            if error == .noEntry { return }
            throw error
        }
        read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) {
        var start = 0
        var line = 1
        while start < bytes.count {
            guard let end = Self.endOfNote(bytes, start) else {
                tornOffset = start
                return
            }
            let text = String(validating: bytes[start..<end], as: UTF8.self)
            entries.append(Entry(checkpoint: text.flatMap { Checkpoint(text: $0) }, line: line, offset: start))
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
