/// A profile of a fleet: which host it is of, and with which kernel, where it is not the one that runs there.
struct FleetHost: Sendable, Hashable {
    let host: HostChoice.Host
    /// The file's name without its ending, up to the first `@`.
    let name: String
    /// What stands behind the `@`: a kernel that is not installed there yet.
    let planned: String?

    init(_ host: HostChoice.Host) {
        self.host = host
        let file = host.name.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? host.name
        let stem = file.hasSuffix(".json") ? String(file.dropLast(".json".count)) : file
        let parts = stem.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        name = parts[0]
        planned = parts.count > 1 ? parts[1] : nil
    }

    /// Sorts a host's profiles together, the one of the host as it is first.
    var sortKey: [UInt8] { Array(name.utf8) + [0] + Array((planned ?? "").utf8) }

    /// As it is shown.
    var label: String { planned.map { "\(name)@\($0)" } ?? name }
}
