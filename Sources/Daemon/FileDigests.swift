import Descriptors
import Glibc
import PathFinding
import StrictJSON

/// SHA-256 of files that sessions started before, by their versions: a program of 100 MB is read once, not at each start. Kept in a file beside
/// the state, since a private daemon lives for one session; of another boot, in which devices may have other numbers, nothing is believed.
final class FileDigests {
    private let path: String
    private var known: [FileVersion: String] = [:]
    /// By age.
    private var order: [FileVersion] = []
    private var isRead = false

    static let most = 256
    /// Nanoseconds within which a file may be written twice without showing it by its times.
    static let settling: Int64 = 2_000_000_000

    init(path: String) {
        self.path = path
    }

    subscript(_ version: FileVersion) -> String? {
        if !isRead { read() }
        return known[version]
    }

    /// Takes over what was read, at `now` (nanoseconds since 1970), and keeps it. That it cannot be kept slows the next start, and nothing else.
    func add(_ readings: [FileReading], now: UInt64) {
        var isNew = false
        for case .read(let sha256, let version) in readings where known[version] == nil {
            guard Int64(clamping: now) - max(version.changed, version.modified) > Self.settling else { continue }
            keep(version, sha256)
            isNew = true
        }
        if isNew { try? write() }
    }

    private func keep(_ version: FileVersion, _ sha256: String) {
        if known.updateValue(sha256, forKey: version) == nil { order.append(version) }
        while order.count > Self.most { known[order.removeFirst()] = nil }
    }

    private func read() {
        isRead = true
        guard let bytes = try? WorkingDirectory().contents(of: path, limit: 1 << 20), let json = try? JSON(parsing: bytes),
            let boot = Self.boot, json["boot"] == .string(boot), let files = json["files"]?.array
        else { return }
        for file in files {
            guard let version = FileVersion(json: file["version"]), let sha256 = file["sha256"]?.string else { continue }
            keep(version, sha256)
        }
    }

    private func write() throws(Errno) {
        guard let boot = Self.boot else { return }
        let files = order.map { version in JSON.object(JSONObject([("sha256", .string(known[version] ?? "")), ("version", version.json)])) }
        let json: JSON = ["boot": .string(boot), "files": .array(files)]
        // Private daemons of one user may do so side by side: each writes a file of its own, and the last one stays.
        let new = "\(path).\(getpid()).new"
        let file = try WorkingDirectory().open(new, [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(json.encoded())
        try WorkingDirectory().rename(new, to: path)
    }

    static let boot: String? = {
        guard let bytes = try? WorkingDirectory().contents(of: "/proc/sys/kernel/random/boot_id", limit: 64) else { return nil }
        return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }()
}
