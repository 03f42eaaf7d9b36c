/// The table, for zsh.
enum ZshCompletion {
    static func script(_ table: CommandTable) -> String {
        """
        #compdef sandboxctl
        # \(ShellText.head("zsh"))

        _sandboxctl_policies() {
            local -a names=(\(ShippedPolicies.names.map(ShellText.quoted).joined(separator: " ")))
            names+=({./.sandboxd,${XDG_CONFIG_HOME:-$HOME/.config}/sandboxd/policies,/etc/sandboxd/policies}/*.yaml(N:t:r))
            _alternative 'policies:policy:compadd -a names' 'files:file:_files'
        }

        _sandboxctl() {
            local command=$words[2] curcontext=$curcontext
            local -a words_of
            if (( CURRENT == 2 )); then
                words_of=(
        \(described(table.firstWords))
                )
                _describe -t commands command words_of
                _arguments -S \(CommandTable.programOptions.map(specification).joined(separator: " "))
                return
            fi
            case $command in
        \(table.families.map { family($0, table) }.joined(separator: "\n"))
            esac
            shift words
            (( CURRENT-- ))
            case $command in
        \(table.commands.map(arguments).joined(separator: "\n"))
            esac
        }

        # As a file of $fpath it is the function itself; else it is read as a script.
        if [[ $funcstack[1] = _sandboxctl ]]; then _sandboxctl "$@"; else compdef _sandboxctl sandboxctl; fi

        """
    }

    private static func family(_ name: String, _ table: CommandTable) -> String {
        """
                \(name))
                    if (( CURRENT == 3 )); then
                        words_of=(
        \(described(table.secondWords(of: name)))
                        )
                        _describe -t commands command words_of
                        return
                    fi
                    command+=" $words[3]"
                    shift words
                    (( CURRENT-- ))
                    ;;
        """
    }

    private static func described(_ rows: [(word: String, summary: String)]) -> String {
        rows.map { "            " + ShellText.quoted("\($0.word):\(ShellText.replaced($0.summary, [":": "\\:"]))") }.joined(separator: "\n")
    }

    private static func arguments(_ command: Command) -> String {
        var specifications = command.allOptions.map(specification)
        switch command.completedArguments {
        case .nothing: break
        case let word: specifications.append(ShellText.quoted((command.runsProgram ? "1" : "*") + ":argument:\(action(word))"))
        }
        if command.runsProgram { specifications.append("'*:::program:_normal'") }
        return "        '\(command.name)')\n            _arguments -S \\\n"
            + specifications.map { "                " + $0 }.joined(separator: " \\\n") + "\n            ;;"
    }

    private static func specification(_ option: Option) -> String {
        let summary = ShellText.replaced(option.summary, ["[": "\\[", "]": "\\]", ":": "\\:"])
        let value = option.completed.map { ":\(option.name):\(action($0))" } ?? ""
        return ShellText.quoted((option.isRepeatable ? "*" : "") + "--\(option.name)[\(summary)]\(value)")
    }

    private static func action(_ word: CompletedWord) -> String {
        switch word {
        case .nothing: " "
        case .files: "_files"
        case .directories: "_files -/"
        case .policies: "_sandboxctl_policies"
        case .program: "_command_names"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }
}
