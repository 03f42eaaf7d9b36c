import CLinux
import ControlProtocol
import Descriptors
import EventLoop
import Glibc

/// The program: reads its command line, does what it says, ends.
public enum SandboxControl {
    /// Never returns.
    public static func main() -> Never {
        // A closed descriptor 0, 1 or 2 would be taken by the next file that is opened.
        guard (try? StandardStreams.fillGaps()) != nil else { exit(ExitStatus.unreachable.code) }
        // Whatever else was inherited is nobody's business here, and must not reach a private daemon.
        _ = clx_close_range(UInt32(PassedListener.end), .max)
        EventLoop.ignoreBrokenPipes()
        exit(run(arguments(), table: .all, Console()).code)
    }

    static func run(_ arguments: [[UInt8]], table: CommandTable, _ console: Console) -> ExitStatus {
        var reader = ArgumentReader(arguments, table: table)
        do {
            switch try reader.read() {
            case .run(let command, let invocation): return command.run(invocation, console)
            case .help(let command): console.write(command.map(HelpText.command) ?? HelpText.program(table))
            case .version: console.write("sandboxctl \(ControlInterface.productVersion)\n")
            }
            return .success
        } catch {
            return report(error, arguments, table, console)
        }
    }

    private static func report(_ error: UsageError, _ arguments: [[UInt8]], _ table: CommandTable, _ console: Console) -> ExitStatus {
        let words = arguments.prefix(2).map { String(decoding: $0, as: UTF8.self) }
        let command = table.commands.first { $0.name == words.first || $0.name == words.joined(separator: " ") }
        let problem = error.message(in: table)
        let more = command.map { "`sandboxctl \($0.name) --help` says how it is used" } ?? "`sandboxctl --help` lists the commands"
        console.warn(ProblemText.text((problem.message, problem.help ?? more), console.errorStyle))
        return command?.wrapsStatus == true ? .notLaunched : .usage
    }

    /// argv as bytes: a wrapped command's words need not be UTF-8.
    private static func arguments() -> [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { word in
                Array(UnsafeBufferPointer(start: word, count: strlen(word)).map(UInt8.init(bitPattern:)))
            }
        }
    }
}
