/// `sandboxctl status`: which daemon answers.
enum StatusCommand {
    static let command = Command(
        "status", "show which daemon answers",
        options: [CommandTable.Shared.socket],
        help: "The exit status is 0 when one answers, 5 when none does.",
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let environment = CallerEnvironment.current()
        do {
            let daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment)
            let name = daemon.name
            let isFallback = daemon.isFallback
            daemon.finish()
            console.write(
                isFallback
                    ? "no sandboxd at \(Escaping.quoted(DaemonChoice.systemSocket)); a private one answers\n"
                    : "sandboxd answers at \(Escaping.quoted(name))\n")
            return .success
        } catch {
            console.warn(ProblemText.text((error.words.message, error.words.help), console.errorStyle))
            return .unreachable
        }
    }
}
