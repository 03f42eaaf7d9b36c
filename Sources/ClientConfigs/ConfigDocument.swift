/// A configuration as it lies in its file, and what it says.
public struct ConfigDocument: Sendable {
    public let format: ConfigFormat
    public let bytes: [UInt8]
    public let root: ConfigValue

    /// Errors: whatever is not understood, at its place.
    public init(_ bytes: [UInt8], _ format: ConfigFormat) throws(ConfigProblem) {
        guard bytes.count <= ConfigLimits.bytes else { throw ConfigProblem(.tooLarge, at: 0) }
        if let offset = Self.firstInvalid(bytes) { throw ConfigProblem(.notUTF8, at: offset) }
        self.format = format
        self.bytes = bytes
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        root =
            Self.isBlank(bytes[start...])
            ? ConfigValue(.table([]), at: start..<start, isBlock: true) : try format.read(bytes, from: start)
    }

    /// Clients take a file with nothing in it for one that says nothing.
    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }

    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.parseScalar(from: &input) {
            case .valid(let scalar): offset += scalar.count
            case .emptyInput, .error: return offset
            }
        }
    }

    /// Both from 1; columns are Unicode scalars.
    public static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let isMarked = line == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) && offset >= 3
        let scalars = before[line...].count { $0 & 0xC0 != 0x80 }
        return (before.count { $0 == UInt8(ascii: "\n") } + 1, scalars + (isMarked ? 0 : 1))
    }

    public func line(of offset: Int) -> Int { Self.place(of: offset, in: bytes).line }

    /// How lines end where this offset lies; a file of one line ends them as Unix does.
    func lineEnd(near offset: Int) -> [UInt8] {
        let newline = UInt8(ascii: "\n"), carriage = UInt8(ascii: "\r")
        guard let end = bytes[offset...].firstIndex(of: newline) ?? bytes[..<offset].lastIndex(of: newline) else { return [newline] }
        return end > 0 && bytes[end - 1] == carriage ? [carriage, newline] : [newline]
    }

    /// What stands before this offset on its line, where that is nothing but spaces and tabs.
    func indentation(before offset: Int) -> [UInt8]? {
        let line = bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let before = bytes[line..<offset]
        return before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) ? Array(before) : nil
    }
}
