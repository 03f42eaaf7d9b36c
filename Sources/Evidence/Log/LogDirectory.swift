import Descriptors

/// A log's directory, open and locked: nobody else writes this log meanwhile.
struct LogDirectory: ~Copyable {
    let root: OwnedDescriptor
    let segments: OwnedDescriptor
    private let aside: OwnedDescriptor
    private let lock: OwnedDescriptor

    private init(
        root: consuming OwnedDescriptor, segments: consuming OwnedDescriptor, aside: consuming OwnedDescriptor,
        lock: consuming OwnedDescriptor
    ) {
        self.root = root
        self.segments = segments
        self.aside = aside
        self.lock = lock
    }

    /// Makes what is missing, with access for the owner alone.
    static func open(_ path: String) throws(LogError) -> LogDirectory {
        do throws(Errno) {
            try make(path, in: WorkingDirectory())
            let root = try WorkingDirectory().open(path, .directory)
            try make(LogFiles.segments, in: root)
            try make(LogFiles.aside, in: root)
            let lock = try root.open(LogFiles.lock, [.readWrite, .create], mode: 0o600)
            if try !lock.tryLockForProcess() { throw .busy }
            let segments = try root.open(LogFiles.segments, .directory)
            let aside = try root.open(LogFiles.aside, .directory)
            return LogDirectory(root: root, segments: segments, aside: aside, lock: lock)
        } catch {
            throw error == .busy ? .inUse : .system(error)
        }
    }

    static func make(_ path: String, in directory: borrowing some Descriptor & ~Copyable) throws(Errno) {
        do {
            try directory.makeDirectory(path, mode: 0o700)
        } catch {
            if error != .exists { throw error }
        }
    }

    /// Keeps what lies behind `offset` of a file under a name of its own, then cuts it off.
    func setAside(_ name: String, in place: borrowing some Descriptor & ~Copyable, from offset: Int) throws(Errno) -> TornEnd {
        let file = try place.open(name, .readWrite)
        let end = try keep(file, from: offset, as: name)
        try file.truncate(to: offset)
        try file.synchronize()
        return end
    }

    /// Keeps what lies behind `offset` of a file under a name of its own, on the disk.
    func keep(_ file: borrowing some Descriptor & ~Copyable, from offset: Int, as name: String) throws(Errno) -> TornEnd {
        let kept = "\(name).\(try aside.names().count).torn"
        let copy = try aside.open(kept, [.write, .create, .exclusive], mode: 0o600)
        var hash = SHA256()
        var count = 0
        while true {
            let bytes = try file.bytes(at: offset + count, count: Self.pieceSize)
            if bytes.isEmpty { break }
            try copy.writeWhole(bytes)
            hash.update(bytes)
            count += bytes.count
        }
        try copy.synchronize()
        try aside.synchronize()
        return TornEnd(source: name, file: kept, count: count, digest: hash.finish())
    }

    private static let pieceSize = 1 << 20
}
