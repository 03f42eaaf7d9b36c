import Daemon
import Glibc

@main struct Program {
    static func main() { exit(SandboxDaemon.main(CommandLine.arguments)) }
}
