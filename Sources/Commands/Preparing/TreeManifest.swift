import Descriptors
import Evidence
import Glibc

/// All that lies in a directory, as text: one line for each directory, file and link, in the order of their names, with mode and content. Its
/// SHA-256 is the tree's digest.
///
/// `d 0555 PATH`, `f 0444 SHA256 PATH`, `l SHA256-OF-TARGET PATH`.
struct TreeManifest: Sendable, Hashable {
    private(set) var text: [UInt8] = []
    private(set) var entries = 0

    var digest: Digest { Self.digest(of: text) }

    static func digest(of text: [UInt8]) -> Digest { SHA256.digest(text) }

    /// Whatever is no plain tree of the owner's. Paths are below the tree.
    enum Problem: Error, Sendable, Hashable {
        case unreadable(String, Errno)
        /// More files, or deeper, than any server has.
        case tooLarge
        /// Neither directory nor file nor link.
        case oddFile(String)
        /// A name with control characters, or that is no UTF-8.
        case badName(below: String)
        case foreignOwner(String, UInt32)
        /// Others than the owner may write it.
        case othersMayWrite(String)
        /// The file has another name, by which it could be changed.
        case severalNames(String)
    }

    static let mostEntries = 200_000
    private static let deepest = 48
    private static let step = 1 << 18

    private let owner: UInt32

    /// Reads all of it.
    init(of path: String, owner: UInt32) throws(Problem) {
        self.owner = owner
        let root: OwnedDescriptor
        do { root = try WorkingDirectory().open(path, [.read, .directory, .noFollow]) } catch { throw .unreadable("", error) }
        let status = try Self.status(root, "")
        try check(status, "")
        line("d \(Self.octal(status.permissions)) .")
        try add(root, below: "", depth: 0)
    }

    private mutating func add(_ directory: borrowing OwnedDescriptor, below prefix: String, depth: Int) throws(Problem) {
        guard depth < Self.deepest else { throw .tooLarge }
        let names: [[UInt8]]
        do { names = try directory.names() } catch { throw .unreadable(prefix, error) }
        for bytes in names {
            guard let name = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw .badName(below: prefix)
            }
            entries += 1
            guard entries <= Self.mostEntries else { throw .tooLarge }
            try add(name, prefix.isEmpty ? name : "\(prefix)/\(name)", in: directory, depth)
        }
    }

    private mutating func add(_ name: String, _ path: String, in directory: borrowing OwnedDescriptor, _ depth: Int) throws(Problem) {
        let status = try Self.status(name, path, directory)
        if status.isSymbolicLink {
            guard status.owner == owner else { throw .foreignOwner(path, status.owner) }
            return line("l \(SHA256.digest(try Self.target(name, path, directory)).hex) \(path)")
        }
        guard status.isDirectory || status.isRegularFile else { throw .oddFile(path) }
        let flags: OpenFlags = status.isDirectory ? [.read, .directory, .noFollow] : [.read, .noFollow, .nonBlocking]
        let opened: OwnedDescriptor
        do { opened = try directory.open(name, flags) } catch { throw .unreadable(path, error) }
        let found = try Self.status(opened, path)
        guard found.inode == status.inode, found.device == status.device else { throw .oddFile(path) }
        try check(found, path)
        if found.isDirectory {
            line("d \(Self.octal(found.permissions)) \(path)")
            return try add(opened, below: path, depth: depth + 1)
        }
        guard found.links == 1 else { throw .severalNames(path) }
        line("f \(Self.octal(found.permissions)) \(try Self.digest(of: opened, path).hex) \(path)")
    }

    private func check(_ status: FileStatus, _ path: String) throws(Problem) {
        guard status.owner == owner else { throw .foreignOwner(path, status.owner) }
        guard status.permissions & 0o022 == 0 else { throw .othersMayWrite(path) }
    }

    private mutating func line(_ words: String) {
        text += words.utf8
        text.append(UInt8(ascii: "\n"))
    }

    private static func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    private static func status(_ name: String, _ path: String, _ directory: borrowing OwnedDescriptor) throws(Problem) -> FileStatus {
        do { return try directory.status(of: name, followingLinks: false) } catch { throw .unreadable(path, error) }
    }

    private static func status(_ opened: borrowing OwnedDescriptor, _ path: String) throws(Problem) -> FileStatus {
        do { return try opened.status() } catch { throw .unreadable(path, error) }
    }

    /// readlinkat(2).
    private static func target(_ name: String, _ path: String, _ directory: borrowing OwnedDescriptor) throws(Problem) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { room in
            guard let start = room.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return readlinkat(directory.number, name, start, room.count)
        }
        guard count >= 0 else { throw .unreadable(path, .last) }
        return Array(buffer.prefix(count))
    }

    private static func digest(of file: borrowing OwnedDescriptor, _ path: String) throws(Problem) -> Digest {
        var hash = SHA256()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 16)
        defer { room.deallocate() }
        do {
            while case .moved(let count) = try file.read(into: room) { hash.update(UnsafeRawBufferPointer(rebasing: room[..<count])) }
        } catch {
            throw .unreadable(path, error)
        }
        return hash.finish()
    }
}

extension TreeManifest {
    /// What differs first, by path, between the text of an earlier manifest and this one; nil where they are the same.
    func change(since earlier: [UInt8]) -> TreeChange? {
        let before = Self.lines(earlier), now = Self.lines(text)
        let paths = Set(before.keys).union(now.keys).sorted()
        for path in paths where before[path] != now[path] {
            if before[path] == nil { return .added(path) }
            return now[path] == nil ? .removed(path) : .changed(path)
        }
        return nil
    }

    private static func lines(_ text: [UInt8]) -> [String: String] {
        var lines: [String: String] = [:]
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self)
            // Files have a mode and a digest before their path, the others one word.
            let path = words.split(separator: " ", maxSplits: words.hasPrefix("f") ? 3 : 2).last.map(String.init) ?? ""
            lines[path] = words
        }
        return lines
    }
}

/// How a tree is not what it was.
enum TreeChange: Error, Sendable, Hashable {
    case added(String)
    case removed(String)
    case changed(String)
    /// It cannot be the same any more, whatever is in it.
    case unfit(TreeManifest.Problem)
    /// The record beside it is gone, is none, or says otherwise.
    case record
}
