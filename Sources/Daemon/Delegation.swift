import CServiceManager
import Descriptors
import Evidence
import Glibc
import Kernel

/// A cgroup of a private daemon's own, asked of the user's service manager: then one act ends all of its session, and limits can be held.
enum Delegation {
    case given(CgroupTree)
    /// Why there is none. Sessions then live in a PID namespace, or are refused.
    case none(String)

    /// Milliseconds in which the manager must have answered, and moved this process. A session waits for it.
    private static let patience: UInt32 = 2_000

    /// Asks, and waits until this process is where it was promised to be. What that cgroup is good for is tried afterwards, like everything else.
    static func ask() -> Delegation {
        guard let address = busAddress else { return .none("no service manager of this user") }
        let deadline = Clock.monotonic + UInt64(patience) * 1_000_000
        let name = "sandboxd-\(getpid())-\(Hex.encode(SecureRandom.bytes(4))).scope"
        if let problem = request(name, address) { return .none(problem) }
        repeat {
            if let tree = try? CgroupTree.find(), tree.own.split(separator: "/").last.map(String.init) == name { return .given(tree) }
            usleep(2_000)
        } while Clock.monotonic < deadline
        return .none("the service manager accepted, and gave no cgroup")
    }

    /// What went wrong, or `nil`.
    private static func request(_ name: String, _ address: String) -> String? {
        var problem = [CChar](repeating: 0, count: 256)
        let result = csm_start_scope(address, name, UInt32(getpid()), patience, &problem, problem.count)
        guard result < 0 else { return nil }
        let said = String(decoding: problem.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let error = Errno(code: -result)
        return said.isEmpty ? "\(error.name) when the service manager was asked" : "the service manager refuses: \(said)"
    }

    /// The user's bus: as the environment names it, or where it lies by custom. Only sockets of this host.
    private static var busAddress: String? {
        if let named = value(of: "DBUS_SESSION_BUS_ADDRESS") {
            return named.utf8.starts(with: "unix:".utf8) && !named.utf8.contains(UInt8(ascii: ";")) ? named : nil
        }
        guard let runtime = value(of: "XDG_RUNTIME_DIR"), runtime.utf8.allSatisfy(isPlain) else { return nil }
        return access(runtime + "/bus", F_OK) == 0 ? "unix:path=\(runtime)/bus" : nil
    }

    /// What an address may hold unescaped.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func value(of name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
