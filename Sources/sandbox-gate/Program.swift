import Gate
import Glibc

@main struct Program {
    static func main() {
        exit(GateProcess.run())
    }
}
