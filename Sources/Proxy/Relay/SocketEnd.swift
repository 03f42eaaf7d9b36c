import CLinux
import Descriptors

/// Ends of sockets.
enum SocketEnd {
    /// shutdown(SHUT_WR); whoever is gone already needs none.
    static func endWriting(_ socket: Int32) -> Bool {
        let result = clx_shutdown_write(socket)
        return result == 0 || result == -Errno.notConnected.code
    }
}
