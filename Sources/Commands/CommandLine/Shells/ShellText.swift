/// Words in shell scripts that are made from the table.
enum ShellText {
    /// In single quotes, as bash and zsh read them.
    static func quoted(_ text: String) -> String { "'" + replaced(text, ["'": "'\\''"]) + "'" }

    static func replaced(_ text: String, _ replacements: [Character: String]) -> String {
        text.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
    }

    static func head(_ shell: String) -> String { "\(shell) completion of sandboxctl, made by `sandboxctl completions \(shell)`" }
}
