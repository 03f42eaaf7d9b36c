/// What the first bytes of a file say about how the kernel starts it.
enum ExecutableHeader: Sendable, Hashable {
    /// `#!` and an interpreter; its one argument starts nothing.
    case script(interpreter: [UInt8])
    /// ELF of this machine, and where the name of its loader lies; a static program has none.
    case program(loader: Range<Int>?)
    /// Neither: ENOEXEC.
    case unknown

    /// As much as the kernel looks at for `#!` (BINPRM_BUF_SIZE).
    static let scriptBytes = 256

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: "#!".utf8) {
            self = Self.script(Array(bytes.prefix(Self.scriptBytes))) ?? .unknown
        } else {
            self = ELF(bytes).map { .program(loader: $0.loader) } ?? .unknown
        }
    }

    /// The line as fs/binfmt_script.c reads it.
    private static func script(_ bytes: [UInt8]) -> ExecutableHeader? {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let isEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == 0 }
        let body = bytes.dropFirst(2)
        let isWhole = body.contains(where: isEnd) || bytes.count < scriptBytes
        let line = body.prefix { !isEnd($0) }.drop(while: isBlank)
        let name = line.prefix { !isBlank($0) }
        // A name that the buffer cuts off is none.
        guard !name.isEmpty, isWhole || name.endIndex < line.endIndex else { return nil }
        return .script(interpreter: Array(name))
    }
}

/// As much of an ELF file as names its loader (elf(5)): 64 bits, little-endian, of this machine.
struct ELF: Sendable, Hashable {
    /// Where the name of the loader lies, its NUL included.
    var loader: Range<Int>?

    /// Bytes that hold the header and its table in any program a linker makes.
    static let headerBytes = 4_096

    private static let interpreterSegment = 3
    private static let longestName = 4_096

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
        let type = Self.number(bytes, 16, 2), machine = Self.number(bytes, 18, 2)
        guard type == 2 || type == 3, machine == Self.thisMachine else { return nil }
        let table = Self.number(bytes, 32, 8), size = Self.number(bytes, 54, 2), count = Self.number(bytes, 56, 2)
        guard size == 56, (1...64).contains(count), table >= 64, table <= bytes.count - count * size else { return nil }
        for entry in 0..<count {
            let start = table + entry * size
            guard Self.number(bytes, start, 4) == Self.interpreterSegment else { continue }
            let offset = Self.number(bytes, start + 8, 8), length = Self.number(bytes, start + 32, 8)
            guard (2...Self.longestName).contains(length), offset >= 0, offset <= Int.max - length else { return nil }
            loader = offset..<(offset + length)
            return
        }
    }

    private static var thisMachine: Int {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #else
            0
        #endif
    }

    /// Little-endian; negative where 64 bits do not fit.
    private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
        Int(truncatingIfNeeded: (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) })
    }
}
