import Descriptors

/// A file that is read line by line, and may still grow.
struct ReadFile: ~Copyable {
    private let file: OwnedDescriptor
    private let name: String
    private var lines: LineReader
    private var count = 0

    init(_ file: consuming OwnedDescriptor, _ name: String, _ lines: consuming LineReader) {
        self.file = file
        self.name = name
        self.lines = lines
    }

    /// nil at the present end; a line without an end may still get one.
    mutating func next() throws(ReceiptSourceError) -> [UInt8]? {
        let item: LineReader.Item
        do { item = try lines.next(from: file) } catch { throw .system(error) }
        switch item {
        case .end, .torn:
            // A line without an end may be cut off, and another be written in its place.
            lines.rest()
            try requireUncut()
            return nil
        case .tooLong: throw .lineTooLong(file: name, line: count + 1)
        case .line(let bytes):
            count += 1
            return Array(bytes)
        }
    }

    /// ESTALE: what was read is not there any more.
    private func requireUncut() throws(ReceiptSourceError) {
        let size: Int
        do { size = try file.status().size } catch { throw .system(error) }
        if size < lines.offset { throw .system(.stale) }
    }
}
