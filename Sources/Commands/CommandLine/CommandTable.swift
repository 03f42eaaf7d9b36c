/// Everything that `sandboxctl` can do.
struct CommandTable: Sendable {
    let commands: [Command]

    func command(named name: String) -> Command? { commands.first { $0.name == name } }

    /// `--policy` and so on, as they are typed.
    func optionNames(of command: String) -> [String] {
        (self.command(named: command)?.allOptions ?? Self.programOptions).map { "--" + $0.name }
    }

    /// What may stand without a command.
    static let programOptions = [
        Option("help", .flag, "print this, or what a command does"),
        Option("version", .flag, "print the version"),
    ]

    /// Options that several commands share.
    enum Shared {
        static let socket = Option("socket", .value("PATH"), "the daemon's socket (SANDBOXD_SOCKET); `none`: a private daemon")
        static let host = Option("host", .values("PROFILE"), "a saved profile (`doctor --json`) instead of this host")
        static let set = Option("set", .values("INPUT=VALUE"), "a value for an input that the policy declares")
        static let layers = Option("layers", .value("DIR"), "layers in DIR instead of this host's; `none`: without any")
        static let json = Option("json", .flag, "print JSON")
    }
}
