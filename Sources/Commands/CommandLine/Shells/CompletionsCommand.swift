/// `sandboxctl completions`: what a shell needs to complete this program's command lines.
enum CompletionsCommand {
    static let command: Command = Command(
        "completions", "print what makes a shell complete command lines of sandboxctl",
        arguments: .one("bash|zsh|fish"),
        help: """
            The Debian package installs all three. By hand, for yourself:

              sandboxctl completions bash > ~/.local/share/bash-completion/completions/sandboxctl
              sandboxctl completions zsh > DIR/_sandboxctl        # a directory of $fpath
              sandboxctl completions fish > ~/.config/fish/completions/sandboxctl.fish
            """,
        run: { invocation, console in
            let shell = invocation.arguments[0]
            guard let script = scripts[shell] else {
                console.say("no completions for `\(Escaping.line(shell))`: bash, zsh or fish are known")
                return .usage
            }
            console.write(script(.all))
            return .success
        })

    private static let scripts: [String: @Sendable (CommandTable) -> String] = [
        "bash": BashCompletion.script, "zsh": ZshCompletion.script, "fish": FishCompletion.script,
    ]
}
