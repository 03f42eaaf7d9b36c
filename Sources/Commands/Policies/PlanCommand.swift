import KernelPlan
import Policy
import StrictJSON

/// `sandboxctl plan`: what the kernel would be told, and what a change would change.
enum PlanCommand {
    static let command = Command(
        "plan", "print how the kernel of a host would hold a policy, or what differs between two",
        options: [
            Option("diff", .flag, "say what the second permits that the first does not, and conversely"),
            CommandTable.Shared.json, CommandTable.Shared.host, CommandTable.Shared.layers, CommandTable.Shared.set,
            CommandTable.Shared.socket,
        ],
        arguments: .several("POLICY [POLICY]", 1...2),
        help: """
            POLICY is a file or a name, as for `wrap`. A plan is exact, or it is not made: then the exit status is 3, and every
            reason is printed. The layers of this host that are about the policy tighten it, as at launch. The session's own user and
            directories are chosen at launch and not part of it.

            With `--diff` there are two policies, or one policy and two of `--host`. What is compared are the sets that they permit,
            not their texts: a rewrite that permits the same differs in nothing. Rules over tools are compared as they are written,
            id by id. What is refused permits nothing here, and is not compared: the exit status is then 3.
            """,
        run: { invocation, console in
            if invocation.has("diff") { return PlanComparison.run(invocation, console) }
            if let extra = invocation.arguments.dropFirst().first { return report(.unexpectedArgument(extra), console) }
            if invocation.values("host").count > 1 { return report(.repeated(option: "--host"), console) }
            return run(invocation, console)
        })

    private static func report(_ error: UsageError, _ console: Console) -> ExitStatus {
        CompiledPolicy.Failure.other(.usage(error)).report(console)
    }

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        CompiledPolicy.run(invocation, console) { compiled in
            if invocation.has("json") {
                console.write(compiled.plan.json.encoded() + [UInt8(ascii: "\n")])
            } else {
                console.write(header(compiled) + compiled.plan.text)
            }
        }
    }

    private static func header(_ compiled: CompiledPolicy) -> String {
        let layers = compiled.local.layers.map { Escaping.line($0.name) }
        return "policy   \(Escaping.line(compiled.local.policy.name))\nhost     \(compiled.host.origin)\n"
            + (layers.isEmpty ? "" : "layers   \(layers.joined(separator: ", "))\n")
    }
}
