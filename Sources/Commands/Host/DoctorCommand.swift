import KernelPlan
import StrictJSON

/// `sandboxctl doctor`: what this host's mechanisms did when they were tried.
enum DoctorCommand {
    static let command = Command(
        "doctor", "show what works on this host, as it was tried",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            Everything shown was tried on the running kernel, in a throw-away process; nothing is read from a version or a
            configuration. `--json` prints a profile that `check --host` and `plan --host` read, on this host or another.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do {
            let host = try AskedHost(invocation, .current(), withStore: !invocation.has("json"))
            if invocation.has("json") {
                console.write(host.profile.json.encoded() + [UInt8(ascii: "\n")])
            } else {
                console.write(text(host, console.outputStyle))
            }
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }

    static func text(_ host: AskedHost, _ style: Style) -> String {
        let profile = host.profile
        var lines = [
            "host      Linux \(Escaping.line(profile.kernel)), \(Escaping.line(profile.architecture))",
            "mode      \(mode(profile.custody))",
            "sessions  may be started by \(host.starters.words)",
            "profile   \(host.origin)",
        ]
        if let store = host.store { lines.append(store.line(style).replacing("store: ", with: "store     ")) }
        for mechanism in Mechanism.allCases { lines.append(line(mechanism, profile[mechanism], style)) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func mode(_ custody: Custody) -> String {
        switch custody {
        case .daemon: "daemon: sandboxd runs as root, and keeps the record"
        case .user: "private: sandboxd runs as you, for one session at a time; what needs root is refused"
        }
    }

    private static func line(_ mechanism: Mechanism, _ observation: Observation, _ style: Style) -> String {
        let name = mechanism.rawValue.padding(to: 22)
        return switch observation {
        case .works: style(.good, "works     ") + name + mechanism.meaning
        case .absent(let why): style(.warning, "absent    ") + name + mechanism.meaning + " (\(Escaping.line(why)))"
        case .shared(let programs): style(.warning, "shared    ") + name + mechanism.meaning + " (with \(Escaping.line(programs)))"
        }
    }
}

extension String {
    /// With spaces behind it, at least one.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - unicodeScalars.count)) }
}
