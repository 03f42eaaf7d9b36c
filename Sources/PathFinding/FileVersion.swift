public import Descriptors
public import StrictJSON

/// Which content a file had: whoever writes it changes this (the kernel sets the time of change at each write; nobody sets it back).
public struct FileVersion: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64
    public let size: Int
    /// Nanoseconds since 1970.
    public let modified: Int64
    public let changed: Int64

    public init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.modified
        changed = status.changed
    }

    public var json: JSON {
        [
            "device": JSON(Int64(bitPattern: device)), "inode": JSON(Int64(bitPattern: inode)), "size": JSON(size),
            "modified": JSON(modified), "changed": JSON(changed),
        ]
    }

    public init?(json: JSON?) {
        guard let device = json?["device"]?.int64, let inode = json?["inode"]?.int64, let size = json?["size"]?.int64,
            let modified = json?["modified"]?.int64, let changed = json?["changed"]?.int64
        else { return nil }
        self.device = UInt64(bitPattern: device)
        self.inode = UInt64(bitPattern: inode)
        self.size = Int(size)
        self.modified = modified
        self.changed = changed
    }
}
