import Descriptors
import Glibc

/// Which mount and user namespace a process lives in (namespaces(7)), as the names of /proc/PID/ns.
struct Namespaces: Sendable, Hashable {
    var mount: String
    var user: String

    static let ofThis = Namespaces(of: "self")

    /// `nil` when it has ended.
    init?(ofProcess process: Int32) { self.init(of: "\(process)") }

    /// In how many PID namespaces it has a number, from this one's /proc on inwards (`NSpid:` of proc_pid_status(5)); `nil` when it has ended.
    static func depth(ofProcess process: String) -> Int? {
        guard let status = try? WorkingDirectory().contents(of: "/proc/\(process)/status", limit: 8_192) else { return nil }
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        return line.map { $0.split { $0 == "\t" || $0 == " " }.count - 1 }
    }

    private init?(of process: String) {
        guard let mount = Self.name("/proc/\(process)/ns/mnt"), let user = Self.name("/proc/\(process)/ns/user") else { return nil }
        self.mount = mount
        self.user = user
    }

    private static func name(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
