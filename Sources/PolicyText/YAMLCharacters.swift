/// Which characters a document may be made of, judged before any YAML is read.
///
/// Refused beside control characters: whatever makes a person and the parser see different lines or a different order
/// (line separators of YAML 1.1, lone carriage returns, bidirectional controls, byte order marks).
enum YAMLCharacters {
    enum Problem: String, Sendable, CaseIterable {
        case notUTF8, control, byteOrderMark, bidirectional, lineSeparator, noncharacter
    }

    struct Finding: Sendable, Hashable {
        var problem: Problem
        var line: Int
        var column: Int
    }

    /// The first character that may not stand in a document.
    static func firstProblem(in bytes: [UInt8]) -> Finding? {
        var decoder = Unicode.UTF8.ForwardParser()
        var input = bytes.makeIterator()
        var line = 1, column = 1
        var afterReturn = false
        while true {
            guard let value = next(&decoder, &input) else { return finding(.notUTF8, line, column) }
            guard let value else { return afterReturn ? finding(.control, line, column - 1) : nil }
            if afterReturn, value != 0x0A { return finding(.control, line, column - 1) }
            afterReturn = value == 0x0D
            if let problem = problem(of: value) { return finding(problem, line, column) }
            if value == 0x0A { (line, column) = (line + 1, 1) } else { column += 1 }
        }
    }

    /// The next scalar; `.some(nil)` at the end, `nil` where the bytes are not UTF-8.
    private static func next(_ decoder: inout Unicode.UTF8.ForwardParser, _ input: inout [UInt8].Iterator) -> UInt32?? {
        switch decoder.parseScalar(from: &input) {
        case .valid(let scalar): .some(.some(Unicode.UTF8.decode(scalar).value))
        case .emptyInput: .some(.none)
        case .error: .none
        }
    }

    private static func finding(_ problem: Problem, _ line: Int, _ column: Int) -> Finding {
        Finding(problem: problem, line: line, column: max(1, column))
    }

    private static func problem(of value: UInt32) -> Problem? {
        switch value {
        case 0x09, 0x0A, 0x0D: nil
        case 0..<0x20, 0x7F: .control
        case 0x85, 0x2028, 0x2029: .lineSeparator
        case 0x80...0x9F: .control
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: .bidirectional
        case 0xFEFF: .byteOrderMark
        case 0xFFFE, 0xFFFF: .noncharacter
        default: nil
        }
    }
}
