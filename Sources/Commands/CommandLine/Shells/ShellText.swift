/// Words in shell scripts that are made from the table.
enum ShellText {
    /// In single quotes, as bash and zsh read them.
    static func quoted(_ text: String) -> String { "'" + replaced(text, ["'": "'\\''"]) + "'" }

    /// As it is where every shell reads it as one word, else in quotes.
    static func word(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-_./@:=+,%".utf8.contains(byte)
        }
        return plain && !text.isEmpty ? text : quoted(text)
    }

    static func replaced(_ text: String, _ replacements: [Character: String]) -> String {
        text.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
    }

    static func head(_ shell: String) -> String { "\(shell) completion of sandboxctl, made by `sandboxctl completions \(shell)`" }
}
