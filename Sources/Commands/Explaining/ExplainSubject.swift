import Policy

/// What `explain` is asked about, told apart by its form alone: nothing is looked for to find out.
enum ExplainSubject: Sendable, Hashable {
    /// `R203`: a reason code, whether or not there is one of that number.
    case code(String)
    /// Everything else: a file or a name, as for `wrap`. A policy whose name has another form is given as a file, `./R203.yaml`.
    case policy(String)

    init(_ argument: String) {
        self = Self.isCode(argument) ? .code(argument) : .policy(argument)
    }

    /// A letter of ours and three digits.
    private static func isCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 4 && [UInt8(ascii: "R"), UInt8(ascii: "D")].contains(bytes[0])
            && bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
