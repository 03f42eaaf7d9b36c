/// Emphasis, where the reader is a terminal.
struct Style: Sendable, Hashable {
    var isColoured: Bool

    static let plain = Style(isColoured: false)

    enum Role: Sendable, Hashable {
        /// What went wrong.
        case error
        case warning
        /// Line numbers and bars beside a source line.
        case frame
        /// What to do next.
        case help
        case good
        case strong
    }

    func callAsFunction(_ role: Role, _ text: String) -> String {
        isColoured ? "\u{1b}[\(code(role))m\(text)\u{1b}[0m" : text
    }

    /// SGR parameters (ECMA-48 8.3.117).
    private func code(_ role: Role) -> String {
        switch role {
        case .error: "1;31"
        case .warning: "1;33"
        case .frame: "1;34"
        case .help: "1;36"
        case .good: "32"
        case .strong: "1"
        }
    }
}
