import Glibc
import Proxy

@main struct Program {
    static func main() {
        exit(ProxyProcess.run())
    }
}
