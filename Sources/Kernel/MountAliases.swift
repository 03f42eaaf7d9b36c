/// Where the same files can be reached a second time: another mount of the same filesystem. A mount over one name leaves the others as they are.
struct MountAliases {
    private struct Mount {
        var device: String
        /// What of the filesystem is mounted.
        var root: String
        var point: String
    }

    private let mounts: [Mount]

    /// Reads proc_pid_mountinfo(5).
    init(_ mountinfo: String) {
        mounts = mountinfo.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            // NUMBER PARENT DEVICE ROOT POINT …
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count == 6 else { return nil }
            return Mount(device: Self.plain(fields[2]), root: Self.plain(fields[3]), point: Self.plain(fields[4]))
        }
    }

    /// Another place at which the path, or a part of what lies beneath it, can be reached.
    func other(than path: String) -> String? {
        // Of several at one place the last covers the others.
        var found: Int?
        for index in mounts.indices where path.isIn(mounts[index].point) {
            if let best = found, length(index) < length(best) { continue }
            found = index
        }
        guard let index = found else { return nil }
        let own = mounts[index]
        let inside = own.root.joined(with: path.rest(in: own.point))
        return mounts.indices.first { candidate in
            let mount = mounts[candidate]
            return candidate != index && mount.device.utf8.elementsEqual(own.device.utf8)
                && (inside.isIn(mount.root) || mount.root.isIn(inside))
        }.map { mounts[$0].point }
    }

    private func length(_ index: Int) -> Int { mounts[index].point.utf8.count }

    /// Spaces and the like are written as three octal digits.
    private static func plain(_ field: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var rest = field[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The directory itself, or beneath it; both absolute.
    fileprivate func isIn(_ directory: String) -> Bool {
        let (path, above) = (Array(utf8), Array(directory.utf8))
        if above.count == 1 { return true }
        return path.starts(with: above) && (path.count == above.count || path[above.count] == UInt8(ascii: "/"))
    }

    /// What is left of a path in a directory; begins with a slash, or is empty.
    fileprivate func rest(in directory: String) -> String {
        directory.utf8.count == 1 ? self : String(decoding: utf8.dropFirst(directory.utf8.count), as: UTF8.self)
    }

    fileprivate func joined(with rest: String) -> String {
        if utf8.count == 1 { return rest.isEmpty ? self : rest }
        return self + rest
    }
}
