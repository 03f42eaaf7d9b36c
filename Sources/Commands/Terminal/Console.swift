import Descriptors
import Glibc

/// Standard input, output and error. A reader that has gone is not an error of ours.
struct Console: Sendable {
    /// For results.
    let output: BorrowedDescriptor
    /// For people.
    let errors: BorrowedDescriptor
    let outputStyle: Style
    let errorStyle: Style
    /// For what a command reads when no file is named.
    let input: BorrowedDescriptor

    init() { self.init(input: .standardInput, output: .standardOutput, errors: .standardError) }

    init(input: BorrowedDescriptor, output: BorrowedDescriptor, errors: BorrowedDescriptor) {
        self.input = input
        self.output = output
        self.errors = errors
        outputStyle = Self.style(of: output)
        errorStyle = Self.style(of: errors)
    }

    /// False when nobody reads any more.
    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// False when nobody reads any more.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool { (try? output.writeWhole(bytes)) != nil }

    func warn(_ text: String) { try? errors.writeWhole(text) }

    /// One line on standard error, from this program.
    func say(_ message: String) { warn("sandboxctl: \(message)\n") }

    /// Whether what was written to the reader can be drawn over.
    var isLive: Bool { output.isTerminal && !Self.isDumb }

    private static var isDumb: Bool { getenv("TERM").map { String(cString: $0) == "dumb" } ?? true }

    /// Colours only on a terminal that understands them, and unless the reader said otherwise (https://no-color.org).
    private static func style(of descriptor: BorrowedDescriptor) -> Style {
        let isUnwanted = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return Style(isColoured: descriptor.isTerminal && !isDumb && !isUnwanted)
    }
}
