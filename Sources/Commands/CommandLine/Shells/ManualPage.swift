/// A page of the manual, in man(7), made from the table.
enum ManualPage {
    /// `sandboxctl(1)`: the program and its commands.
    static func program(_ table: CommandTable) -> (file: String, text: String) {
        let commands = table.commands.map { (page(of: $0) + "(1)", $0.summary) }
        let options = CommandTable.programOptions.map { ($0.usage, $0.summary) }
        return (
            "sandboxctl.1",
            head("sandboxctl", "run MCP servers under a policy that a gate and the kernel enforce") + section("SYNOPSIS")
                + ".B sandboxctl\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n" + section("DESCRIPTION")
                + body("Runs MCP servers so that a policy is held by a gate and by the Linux kernel, exactly or not at all.")
                + section("COMMANDS") + rows(commands) + section("OPTIONS") + rows(options)
                + section("EXIT STATUS") + rows(statuses) + ".PP\n" + body("Those of `wrap` are its own; see sandboxctl-wrap(1).")
                + section("ENVIRONMENT") + rows(environment) + section("FILES") + rows(files)
        )
    }

    /// `sandboxctl-wrap(1)`: one command.
    static func command(_ command: Command) -> (file: String, text: String) {
        (
            page(of: command) + ".1",
            head(page(of: command), command.summary) + section("SYNOPSIS") + body("`" + HelpText.usage(command) + "`")
                + section("DESCRIPTION") + body(command.help) + section("OPTIONS") + rows(command.allOptions.map { ($0.usage, $0.summary) })
                + (command.help.contains("exit status") ? "" : section("EXIT STATUS") + rows(statuses))
                + section("SEE ALSO") + ".BR sandboxctl (1)\n"
        )
    }

    static func page(of command: Command) -> String { (["sandboxctl"] + command.words).joined(separator: "-") }

    private static let statuses = [
        ("0", "all is well"), ("1", "something was found"), ("2", "the command line is not understood"), ("3", "a policy is refused"),
        ("5", "the daemon, or what it keeps, cannot be reached"),
    ]

    private static let environment = [
        ("SANDBOXD_SOCKET", "the daemon's socket; `none` asks for a private daemon"),
        ("XDG_STATE_HOME", "where private daemons keep their state, in sandboxd/ (~/.local/state)"),
        ("XDG_CONFIG_HOME", "where policies of yours are looked for, in sandboxd/policies/ (~/.config)"),
        ("NO_COLOR", "no colours, where it is not empty"),
    ]

    private static let files = [
        ("/run/sandboxd/sandboxd.sock", "where the system's sandboxd answers"),
        ("/etc/sandboxd/policies", "policies that are known by name"),
        ("/etc/sandboxd/layers", "documents that tighten policies"),
        ("/var/lib/sandboxd", "the state of the system's sandboxd, its log in evidence/"),
    ]

    private static func head(_ name: String, _ summary: String) -> String {
        ".\\\" Made by `sandboxctl manual` from the command table.\n"
            + ".TH \(escaped(name).uppercased()) 1 \"\" \"sandboxd \(ManualCommand.version)\" \"sandboxd\"\n"
            + ".SH NAME\n\(escaped(name)) \\- \(escaped(summary))\n"
    }

    private static func section(_ title: String) -> String { ".SH \(title)\n" }

    private static func rows(_ rows: [(String, String)]) -> String {
        rows.map { ".TP\n\\fB\(escaped($0.0))\\fR\n\(line($0.1))\n" }.joined()
    }

    /// Paragraphs; a list in columns becomes one of terms, and what else is indented stays as it is.
    private static func body(_ text: String) -> String {
        let paragraphs = text.split(separator: "\n\n", omittingEmptySubsequences: true).map { paragraph in
            let lines = paragraph.split(separator: "\n").map(String.init)
            if let terms = terms(lines) { return rows(terms) }
            let text = lines.map(line).joined(separator: "\n") + "\n"
            return lines.contains { $0.hasPrefix("  ") } ? ".nf\n\(text).fi\n" : text
        }
        // A list and what is set begin with a paragraph of their own, and end with the next.
        return paragraphs.enumerated().map { index, text in index == 0 || text.hasPrefix(".TP") ? text : ".PP\n" + text }.joined()
    }

    /// Each with what stands in the second column, which goes on in lines that begin with blanks.
    private static func terms(_ lines: [String]) -> [(String, String)]? {
        var terms: [(term: String, text: String)] = []
        for line in lines {
            let text = String(line.drop { $0 == " " })
            if line.hasPrefix("   "), !terms.isEmpty {
                terms[terms.count - 1].text += " " + text
            } else {
                guard !line.hasPrefix(" "), let gap = line.firstRange(of: "  ") else { return nil }
                terms.append((String(line[..<gap.lowerBound]), String(line[gap.upperBound...].drop { $0 == " " })))
            }
        }
        return terms
    }

    /// Backquotes become bold; a line that begins like a request is none.
    private static func line(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map { escaped(String($0)) }
        guard parts.count % 2 == 1 else { return guarded(escaped(text)) }
        return guarded(parts.enumerated().map { $0.offset % 2 == 1 ? "\\fB\($0.element)\\fR" : $0.element }.joined())
    }

    private static func guarded(_ line: String) -> String { line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line }

    private static func escaped(_ text: String) -> String {
        ShellText.replaced(text, ["\\": "\\e", "-": "\\-", "…": "...", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga"])
    }
}
