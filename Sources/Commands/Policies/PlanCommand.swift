import KernelPlan
import Policy
import StrictJSON

/// `sandboxctl plan`: what the kernel would be told.
enum PlanCommand {
    static let command = Command(
        "plan", "print how the kernel of a host would hold a policy",
        options: [
            CommandTable.Shared.json, Option("host", .value("PROFILE"), CommandTable.Shared.host.summary), CommandTable.Shared.set,
            CommandTable.Shared.socket,
        ],
        arguments: .one("POLICY"),
        help: """
            POLICY is a file or a name, as for `wrap`. A plan is exact, or it is not made: then the exit status is 3, and every
            reason is printed. The session's own user and directories are chosen at launch and not part of it.
            """,
        run: run)

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
        "policy   \(Escaping.line(compiled.local.policy.name))\nhost     \(compiled.host.origin)\n"
    }
}
