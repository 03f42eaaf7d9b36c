/// What `explain` is asked about, told apart by its form alone: nothing is looked for to find out.
enum ExplainSubject: Sendable, Hashable {
    /// `R203`: a reason code, whether or not there is one of that number.
    case code(String)
    /// `17`: a receipt by its number in a log.
    case receipt(number: Int64)
    /// `92d647a652ebfbc7:3`: a receipt by its session and its number there.
    case receiptOfSession(String, number: Int64)
    /// `@FILE`, or `-`: a receipt as `receipts show --json` prints it. `nil` for standard input.
    case receiptText(file: String?)
    /// Everything else: a file or a name, as for `wrap`. A policy whose name has another form is given as a file, `./R203.yaml`.
    case policy(String)

    init(_ argument: String) {
        if Self.isCode(argument) {
            self = .code(argument)
        } else if argument.utf8.elementsEqual("-".utf8) {
            self = .receiptText(file: nil)
        } else if argument.utf8.first == UInt8(ascii: "@") {
            self = .receiptText(file: String(argument.dropFirst()))
        } else if let number = Self.number(argument) {
            self = .receipt(number: number)
        } else {
            self = Self.receiptOfSession(argument) ?? .policy(argument)
        }
    }

    /// A letter of ours and three digits.
    private static func isCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 4 && [UInt8(ascii: "R"), UInt8(ascii: "D")].contains(bytes[0]) && bytes.dropFirst().allSatisfy(isDigit)
    }

    private static func receiptOfSession(_ text: String) -> ExplainSubject? {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 16, parts[0].allSatisfy(isHex) else { return nil }
        return number(String(decoding: parts[1], as: UTF8.self)).map {
            .receiptOfSession(String(decoding: parts[0], as: UTF8.self), number: $0)
        }
    }

    private static func number(_ text: String) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
        return Int64(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) }
}
