/// The table, for bash 4.4 and later; without the package bash-completion, too.
enum BashCompletion {
    static func script(_ table: CommandTable) -> String {
        """
        # \(ShellText.head("bash"))

        _sandboxctl_words() {
            mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
        }

        _sandboxctl_files() {
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
        }

        _sandboxctl_policies() {
            local directory file
            local -a names=(\(ShippedPolicies.names.map(ShellText.quoted).joined(separator: " ")))
            for directory in ./.sandboxd "${XDG_CONFIG_HOME:-$HOME/.config}/sandboxd/policies" /etc/sandboxd/policies; do
                for file in "$directory"/*.yaml; do
                    [ ! -f "$file" ] || { file=${file##*/}; names+=("${file%.yaml}"); }
                done
            done
            _sandboxctl_files -f
            mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "${names[*]}" -- "$current")
        }

        _sandboxctl_program() {
            if declare -F _command_offset >/dev/null; then
                _command_offset "$1"
            elif [ "$1" -eq "$COMP_CWORD" ]; then
                mapfile -t COMPREPLY < <(compgen -c -- "$current")
            else
                _sandboxctl_files -f
            fi
        }

        _sandboxctl() {
            local current=${COMP_WORDS[COMP_CWORD]} previous='' command=${COMP_WORDS[1]} index
            COMPREPLY=()
            [ "$COMP_CWORD" -gt 1 ] || { _sandboxctl_words \(ShellText.quoted(first(table))); return; }
            case $command in
        \(families(table))
            esac
            for ((index = 2; index < COMP_CWORD; index++)); do
                [ "${COMP_WORDS[index]}" != -- ] || case $command in
        \(programs(table))
                esac
            done
            # `--option=value` comes in three words.
            previous=${COMP_WORDS[COMP_CWORD - 1]}
            if [ "$current" = = ]; then current=''; elif [ "$previous" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
            case "$command $previous" in
        \(values(table))
            esac
            case "$command $current" in
        \(options(table))
            esac
            case $command in
        \(arguments(table))
            esac
        }

        complete -F _sandboxctl sandboxctl

        """
    }

    private static func first(_ table: CommandTable) -> String {
        (table.firstWords.map(\.word) + CommandTable.programOptions.map { "--" + $0.name }).joined(separator: " ")
    }

    private static func families(_ table: CommandTable) -> String {
        rows(table.families) { family in
            let words = table.secondWords(of: family).map(\.word).joined(separator: " ")
            return "\(family))\n            [ \"$COMP_CWORD\" -gt 2 ] || { _sandboxctl_words '\(words)'; return; }\n"
                + "            command+=\" ${COMP_WORDS[2]}\"\n            ;;"
        }
    }

    private static func programs(_ table: CommandTable) -> String {
        rows(table.commands.filter(\.runsProgram)) { "    '\($0.name)') _sandboxctl_program $((index + 1)); return ;;" }
    }

    private static func values(_ table: CommandTable) -> String {
        rows(
            table.commands.flatMap { command in
                command.options.compactMap { option in option.completed.map { "'\(command.name) --\(option.name)') \(offer($0))return ;;" }
                }
            }
        ) { $0 }
    }

    private static func options(_ table: CommandTable) -> String {
        rows(table.commands) { command in
            "'\(command.name) -'*) _sandboxctl_words '\(command.allOptions.map { "--" + $0.name }.joined(separator: " "))'; return ;;"
        }
    }

    private static func arguments(_ table: CommandTable) -> String {
        rows(table.commands.filter { $0.completedArguments != .nothing }) { "'\($0.name)') \(offer($0.completedArguments));;" }
    }

    /// What answers, and a space behind it.
    private static func offer(_ word: CompletedWord) -> String {
        switch word {
        case .nothing: ""
        case .files: "_sandboxctl_files -f; "
        case .directories: "_sandboxctl_files -d; "
        case .policies: "_sandboxctl_policies; "
        case .program: "mapfile -t COMPREPLY < <(compgen -c -- \"$current\"); "
        case .words(let words): "_sandboxctl_words '\(words.joined(separator: " "))'; "
        }
    }

    private static func rows<Row>(_ rows: [Row], _ text: (Row) -> String) -> String {
        rows.map { "        " + text($0) }.joined(separator: "\n")
    }
}
