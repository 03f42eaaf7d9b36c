import StrictJSON

/// `sandboxctl fleet check`: which hosts can hold which policies, without these hosts.
enum FleetCheckCommand {
    static let command = Command(
        "fleet check", "say which hosts of a fleet can hold which policies exactly, and what another kernel would change",
        options: [CommandTable.Shared.json, CommandTable.Shared.layers, CommandTable.Shared.set],
        arguments: .several("PROFILES POLICY…", 2...256),
        help: """
            PROFILES is a directory of what `sandboxctl doctor --json` printed on each host, HOST.json, or one such file. HOST@KERNEL.json is
            of a kernel that HOST does not have yet: asked of a machine or a guest that runs it. What would come out otherwise with it is
            told first. POLICY is a file or a directory, as for `check`, and paths are looked at on this host, as you.

            Hosts on which every policy comes out alike share a column.

            The exit status is 0 when every policy is exact on every host, with every kernel, and 3 when one is refused.
            """,
        run: { invocation, console in
            do throws(CompileFailure) {
                var check = try CheckCommand(asked(invocation))
                let report = FleetReport(try check.report(console))
                if invocation.has("json") {
                    console.write(report.json.encoded() + [UInt8(ascii: "\n")])
                } else {
                    console.write(report.text(console.outputStyle, columns: console.columns))
                }
                return report.isExact ? .success : .refused
            } catch {
                console.warn(ProblemText.text(error.words, console.errorStyle))
                return error.status
            }
        })

    /// The same question as that of `check --host`.
    private static func asked(_ invocation: Invocation) -> Invocation {
        var asked = Invocation()
        for option in invocation.options where option.name != "json" { asked.add(option: option.name, option.value) }
        asked.add(option: "host", invocation.arguments[0])
        for policy in invocation.arguments.dropFirst() { asked.add(argument: policy) }
        return asked
    }
}
