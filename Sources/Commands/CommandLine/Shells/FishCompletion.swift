/// The table, for fish 3.
enum FishCompletion {
    static func script(_ table: CommandTable) -> String {
        """
        # \(ShellText.head("fish"))

        # Whether just these words were typed.
        function __sandboxctl_after
            set -l words (commandline -opc)
            test "$words[2..-1]" = "$argv"
        end

        # Whether these words begin what was typed, and no `--` followed.
        function __sandboxctl_in
            set -l words (commandline -opc)
            set -l last (math 1 + (count $argv))
            test (count $words) -ge $last; or return 1
            not contains -- -- $words; and test "$words[2..$last]" = "$argv"
        end

        # Whether these words begin what was typed, and a `--` followed.
        function __sandboxctl_behind
            set -l words (commandline -opc)
            set -l last (math 1 + (count $argv))
            contains -- -- $words; and test "$words[2..$last]" = "$argv"
        end

        # What the shell offers for the program behind `--`.
        function __sandboxctl_program
            set -l words (commandline -opc)
            set -l first (math 1 + (contains -i -- -- $words))
            complete -C (string join ' ' -- (string escape -- $words[$first..-1]) (commandline -ct))
        end

        function __sandboxctl_policies
            set -l configuration $XDG_CONFIG_HOME
            test -n "$configuration"; or set configuration ~/.config
            set -l files ./.sandboxd/*.yaml $configuration/sandboxd/policies/*.yaml /etc/sandboxd/policies/*.yaml
            string replace -r '.*/(.*)\\.yaml$' '$1' -- $files
            printf '%s\\n' \(ShippedPolicies.names.map(quoted).joined(separator: " "))
            __fish_complete_path (commandline -ct)
        end

        complete -c sandboxctl -f
        \(CommandTable.programOptions.map { option($0, "__sandboxctl_after") }.joined(separator: "\n"))
        \(table.firstWords.map { word($0, "__sandboxctl_after") }.joined(separator: "\n"))
        \(table.families.flatMap { family in table.secondWords(of: family).map { word($0, "__sandboxctl_after \(family)") } }.joined(separator: "\n"))
        \(table.commands.map(lines).joined(separator: "\n"))

        """
    }

    private static func word(_ row: (word: String, summary: String), _ condition: String) -> String {
        "complete -c sandboxctl -n \(quoted(condition)) -a \(row.word) -d \(quoted(row.summary))"
    }

    private static func lines(_ command: Command) -> String {
        var lines = command.allOptions.map { option($0, "__sandboxctl_in \(command.name)") }
        if let offer = offer(command.completedArguments) {
            lines.append("complete -c sandboxctl -n \(quoted("__sandboxctl_in \(command.name)")) \(offer)")
        }
        if command.runsProgram {
            lines.append("complete -c sandboxctl -n \(quoted("__sandboxctl_behind \(command.name)")) -a '(__sandboxctl_program)'")
        }
        return lines.joined(separator: "\n")
    }

    private static func option(_ option: Option, _ condition: String) -> String {
        let start = "complete -c sandboxctl -n \(quoted(condition)) -l \(option.name) -d \(quoted(option.summary))"
        switch option.completed {
        case nil: return start
        case .files?: return start + " -r -F"
        case let word?: return start + " -x" + (offer(word).map { " " + $0 } ?? "")
        }
    }

    private static func offer(_ word: CompletedWord) -> String? {
        switch word {
        case .nothing: nil
        case .files: "-F"
        case .directories: "-a '(__fish_complete_directories)'"
        case .policies: "-a '(__sandboxctl_policies)'"
        case .program: "-a '(__fish_complete_command)'"
        case .words(let words): "-a \(quoted(words.joined(separator: " ")))"
        }
    }

    /// fish knows two escapes within single quotes.
    private static func quoted(_ text: String) -> String { "'" + ShellText.replaced(text, ["'": "\\'", "\\": "\\\\"]) + "'" }
}
