import Descriptors
import Glibc
import Kernel
import StrictJSON

/// A process as /proc showed it, read while it was certain that the number was its own.
struct ObservedProcess: Sendable, Hashable {
    let pid: Int32
    private(set) var uid: UInt32?
    private(set) var name: String?
    /// Clock ticks since the host's start: number and start tell processes of one boot apart (proc_pid_stat(5), field 22).
    private(set) var start: UInt64?
    private(set) var executable: String?
    /// Its path in cgroup2.
    private(set) var cgroup: String?
    /// What could not be read, and why.
    private(set) var absent: [String: String] = [:]
    private(set) var parent: Int32?

    /// nil when it has ended, and whatever was read may be of another that has the number by now.
    init?(_ pid: Int32, _ process: borrowing OwnedDescriptor) {
        self.pid = pid
        readStatus()
        readStart()
        readExecutable()
        cgroup = CgroupTree.path(ofProcess: pid)
        if cgroup == nil { absent["cgroup"] = "it is in none of cgroup2" }
        guard process.namesProcessInTable else { return nil }
    }

    private mutating func readStatus() {
        do throws(Errno) {
            let status = ProcessStatus(try Self.contents("/proc/\(pid)/status", 8_192))
            (uid, name, parent) = (status.uid, status.name, status.parent)
        } catch {
            absent["uid"] = error.name
        }
    }

    private mutating func readStart() {
        do throws(Errno) {
            // The name before it may hold anything, parentheses and spaces, too.
            let fields =
                try Self.contents("/proc/\(pid)/stat", 4_096).split(separator: UInt8(ascii: ")")).last?
                .split(separator: UInt8(ascii: " ")) ?? []
            guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else { throw .badMessage }
            start = ticks
        } catch {
            absent["start"] = error.name
        }
    }

    private mutating func readExecutable() {
        executable = Self.executable(of: pid)
        if executable == nil { absent["executable"] = Errno.last.name }
    }

    /// readlink(2) of /proc/PID/exe; nil where that fails.
    static func executable(of pid: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(pid)/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    static func contents(_ path: String, _ limit: Int) throws(Errno) -> [UInt8] {
        guard let bytes = try WorkingDirectory().contents(of: path, limit: limit) else { throw .fileTooLarge }
        return bytes
    }

    /// The systemd unit that the cgroup is named after: the innermost that is a service or a scope.
    var unit: String? {
        cgroup?.split(separator: "/").last { $0.utf8.count > 8 && $0.hasSuffix(".service") || $0.utf8.count > 6 && $0.hasSuffix(".scope") }
            .map { String($0) }
    }

    var json: JSONObject {
        var json: JSONObject = ["pid": JSON(Int(pid))]
        if let uid { json["uid"] = JSON(Int(uid)) }
        if let name { json["name"] = .string(name) }
        if let start { json["start"] = JSON(Int64(clamping: start)) }
        if let executable { json["executable"] = .string(executable) }
        if let cgroup { json["cgroup"] = .string(cgroup) }
        if let unit { json["unit"] = .string(unit) }
        if !absent.isEmpty { json["absent"] = .object(JSONObject(absent.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })) }
        return json
    }
}

/// What of proc_pid_status(5) matters here.
struct ProcessStatus {
    private(set) var name: String?
    private(set) var parent: Int32?
    /// The real one.
    private(set) var uid: UInt32?

    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 10) {
            let parts = line.split(separator: UInt8(ascii: "\t")).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count > 1 else { continue }
            switch parts[0] {
            case "Name:": name = parts[1]
            case "PPid:": parent = Int32(parts[1])
            case "Uid:": uid = UInt32(parts[1])
            default: break
            }
        }
    }
}
