import StrictJSON

/// The process that started `sandboxctl wrap`, as it was seen when it asked for the session. For people: nothing is decided by it.
struct ClientProcess: Sendable, Hashable {
    let pid: Int32
    /// What it runs; empty where that cannot be read.
    let executable: String

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
