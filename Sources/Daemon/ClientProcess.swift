import Descriptors
import Glibc
import StrictJSON

/// The process that started `sandboxctl wrap`, as it was seen when it asked for the session. For people: nothing is decided by it.
struct ClientProcess: Sendable, Hashable {
    let pid: Int32
    /// What it runs; empty where that cannot be read.
    let executable: String

    /// Reads about the parent of `wrap` in /proc; `nil` where it has none that can be seen.
    static func parent(of wrap: Int32) -> ClientProcess? {
        guard let status = try? WorkingDirectory().contents(of: "/proc/\(wrap)/status", limit: 8_192) else { return nil }
        let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("PPid:") }), let pid = Int32(line.dropFirst(5).drop { $0 == "\t" || $0 == " " }),
            pid > 0
        else { return nil }
        return ClientProcess(pid: pid, executable: executable(of: pid))
    }

    private static func executable(of pid: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(pid)/exe", &buffer, buffer.count)
        guard count > 0 else { return "" }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var json: JSON { ["pid": JSON(Int(pid)), "executable": .string(executable)] }

    init(pid: Int32, executable: String) {
        self.pid = pid
        self.executable = executable
    }

    init?(_ json: JSON?) {
        guard let pid = json?["pid"]?.int64.flatMap({ Int32(exactly: $0) }), let executable = json?["executable"]?.string else {
            return nil
        }
        self.init(pid: pid, executable: executable)
    }
}
