import CLinux
import Descriptors
import Glibc

/// What a service manager hears of this process (sd_notify(3)). Nothing where nobody wants to hear.
enum ServiceNotice {
    static func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    static func status(_ status: String) { send("STATUS=\(status)") }
    static func stopping() { send("STOPPING=1") }

    /// A manager that takes nothing now is not waited for.
    private static func send(_ text: String) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), path.hasPrefix("/") else { return }
        _ = try? UnixSocket.connectNow(to: path, .datagrams)?.send(Array(text.utf8))
    }
}
