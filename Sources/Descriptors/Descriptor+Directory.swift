import Glibc

/// Operations relative to a directory: on `WorkingDirectory()`, or on an open directory.
extension Descriptor where Self: ~Copyable {
    /// openat(2), always close-on-exec. `mode` counts only with `.create`.
    public func open(_ path: some PathBytes, _ flags: OpenFlags = .read, mode: UInt32 = 0o600) throws(Errno) -> OwnedDescriptor {
        let number = try path.withNulEnded { path throws(Errno) in
            try retrying { openat(self.number, path, flags.union(.closeOnExec).rawValue, mode) }
        }
        return OwnedDescriptor(owning: number)
    }

    /// mkdirat(2).
    public func makeDirectory(_ path: some PathBytes, mode: UInt32 = 0o700) throws(Errno) {
        _ = try path.withNulEnded { path throws(Errno) in try retrying { mkdirat(number, path, mode) } }
    }

    /// unlinkat(2) of anything but a directory.
    public func unlink(_ path: some PathBytes) throws(Errno) {
        _ = try path.withNulEnded { path throws(Errno) in try retrying { unlinkat(number, path, 0) } }
    }

    /// unlinkat(2), `AT_REMOVEDIR`: an empty directory.
    public func removeDirectory(_ path: some PathBytes) throws(Errno) {
        _ = try path.withNulEnded { path throws(Errno) in try retrying { unlinkat(number, path, AT_REMOVEDIR) } }
    }

    /// renameat(2) within this directory; replaces what `new` named.
    public func rename(_ old: some PathBytes, to new: some PathBytes) throws(Errno) {
        _ = try old.withNulEnded { old throws(Errno) in
            try new.withNulEnded { new throws(Errno) in try retrying { renameat(number, old, number, new) } }
        }
    }

    /// The names in this directory but `.` and `..`, sorted by bytes (fdopendir(3), readdir(3)).
    public func names() throws(Errno) -> [[UInt8]] {
        let own = try open(".", [.directory])
        guard let stream = fdopendir(own.number) else { throw .last }
        _ = own.release()
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = nameBytes(entry)
            if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw .last }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The whole of a regular file, at most `limit` bytes; nil when it is larger. Never blocks on a FIFO.
    public func contents(of path: some PathBytes, limit: Int) throws(Errno) -> [UInt8]? {
        let file = try open(path, [.read, .nonBlocking])
        let status = try file.status()
        guard status.isRegularFile else { throw .invalid }
        // Files of /proc and /sys state a size of 0: what is there is read to its end.
        if status.size == 0 { return try file.readAll(limit: limit) }
        let bytes = try file.bytes(at: 0, count: min(status.size, limit) + 1)
        return bytes.count > limit ? nil : bytes
    }
}

private func nameBytes(_ entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
}
