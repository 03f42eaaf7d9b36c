import Descriptors

/// What retention removed of a log, as the file `roots` has it: ascending, none twice.
struct RootsFile {
    /// Why there is no such list.
    enum Problem: Error {
        case system(Errno)
        /// Nothing of ours wrote this line.
        case malformed(line: Int)

        var finding: Finding {
            switch self {
            case .system(let error): Finding(.unreadable(error), LogFiles.roots)
            case .malformed(let line): Finding(.malformedRoots, LogFiles.roots, line)
            }
        }
    }

    private(set) var entries: [RemovedSegment] = []
    /// Of each entry's first line, from 1.
    private(set) var lines: [Int] = []

    private static let limit = 1 << 30

    /// A log from which nothing was removed has no such file.
    init(in directory: borrowing some Descriptor & ~Copyable) throws(Problem) {
        let bytes: [UInt8]
        do throws(Errno) {
            guard let found = try directory.contents(of: LogFiles.roots, limit: Self.limit) else { throw .fileTooLarge }
            bytes = found
        } catch {
            if error == .noEntry { return }
            throw .system(error)
        }
        var reader = RootsReader(bytes)
        while true {
            let start = reader.line + 1
            let next: RemovedSegment?
            do { next = try reader.next() } catch { throw .malformed(line: error.line) }
            guard let next else { return }
            if let last = entries.last, next.first < last.end { throw .malformed(line: start) }
            entries.append(next)
            lines.append(start)
        }
    }

    /// For readers that do not judge: what nothing of ours wrote is `EBADMSG`.
    init(readIn directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        do throws(Problem) { try self.init(in: directory) } catch {
            switch error {
            case .system(let error): throw error
            case .malformed: throw .badMessage
            }
        }
    }

    /// Adds what was removed now; what the list has already is replaced.
    mutating func add(_ removed: [RemovedSegment]) {
        let firsts = Set(removed.map(\.first))
        entries = (entries.filter { !firsts.contains($0.first) } + removed).sorted { $0.first < $1.first }
        lines = []
    }

    /// Writes the list whole and durably: a new file, renamed into place.
    func write(in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        let name = LogFiles.roots + ".new"
        let file = try directory.open(name, [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(entries.flatMap(\.text))
        try file.synchronize()
        try directory.rename(name, to: LogFiles.roots)
        try directory.synchronize()
    }
}
