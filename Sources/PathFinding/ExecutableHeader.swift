import Descriptors

/// What the first bytes of an executable file ask for.
enum ExecutableHeader: Sendable, Hashable {
    /// `#!` with the interpreter's path.
    case script(interpreter: String)
    /// ELF, with its loader (PT_INTERP) where it is dynamic.
    case program(loader: String?)
    case unknown

    /// Reads the file's beginning (execve(2), elf(5)).
    static func read(_ path: String) throws(Errno) -> ExecutableHeader {
        let file = try WorkingDirectory().open(path, [.read, .nonBlocking])
        let head = try file.bytes(at: 0, count: min(4_096, try file.status().size))
        if head.starts(with: "#!".utf8) { return script(head) }
        guard head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), head.count >= 64 else { return .unknown }
        return .program(loader: try loader(of: file, head))
    }

    private static func script(_ head: [UInt8]) -> ExecutableHeader {
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let blank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let path = line.drop(while: blank).prefix { !blank($0) && $0 != 0 }
        guard path.first == UInt8(ascii: "/"), line.count < 254 else { return .unknown }
        return .script(interpreter: String(decoding: path, as: UTF8.self))
    }

    /// 64-bit little-endian, as every architecture that is supported here.
    private static func loader(of file: borrowing OwnedDescriptor, _ head: [UInt8]) throws(Errno) -> String? {
        let table = Int(truncatingIfNeeded: number(head, at: 32, bytes: 8))
        let size = Int(number(head, at: 54, bytes: 2))
        let count = Int(number(head, at: 56, bytes: 2))
        guard size >= 56, count <= 512, table >= 0 else { return nil }
        for index in 0..<count {
            let entry = try file.bytes(at: table + index * size, count: 56)
            guard entry.count == 56, number(entry, at: 0, bytes: 4) == 3 else { continue }
            let length = Int(truncatingIfNeeded: number(entry, at: 32, bytes: 8))
            guard (2...4_096).contains(length) else { throw .invalid }
            let path = try file.bytes(at: Int(truncatingIfNeeded: number(entry, at: 8, bytes: 8)), count: length)
            return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        }
        return nil
    }

    private static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> UInt64 {
        guard offset + count <= bytes.count else { return 0 }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }
}
