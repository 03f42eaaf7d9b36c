public import Policy

/// What was asked for and denied by a Landlock domain, without the time: acts that are equal are counted together.
public struct LandlockAct: Sendable, Hashable {
    public enum Object: Sendable, Hashable {
        /// Neither file nor endpoint, or a later kernel's.
        case other
        /// As the process saw it, whatever bytes its name is made of; `nil` where it is too long for the kernel to write.
        case file(path: [UInt8]?, device: [UInt8], inode: UInt64)
        /// `nil` where the address is the unspecified one, of which the kernel does not say of which family.
        case peer(IPAddress?, port: UInt16)
        case own(IPAddress?, port: UInt16)
    }

    /// The rights that were missing, as the kernel names them: `fs.read_file`, `net.connect_tcp`, `scope.signal`.
    public var blockers: [String]
    public var object: Object

    public init(blockers: [String], object: Object) {
        self.blockers = blockers
        self.object = object
    }

    init?(_ fields: AuditFields) {
        guard let blockers = fields.word("blockers").flatMap(Self.names), let object = Object(fields) else { return nil }
        self.init(blockers: blockers, object: object)
    }

    /// There are fewer than twenty rights of one kind.
    private static let most = 32
    private static let longest = 40

    private static func names(_ list: String) -> [String]? {
        let names = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let areNames = names.allSatisfy { name in
            (1...longest).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2E || $0 == 0x5F }
        }
        return names.count <= most && areNames ? names : nil
    }
}

extension LandlockAct.Object {
    init?(_ fields: AuditFields) {
        if fields.has("path") {
            guard let file = Self.file(fields) else { return nil }
            self = file
        } else if fields.has("dest") {
            guard let (address, port) = Self.endpoint(fields, "daddr", "dest") else { return nil }
            self = .peer(address, port: port)
        } else if fields.has("src") {
            guard let (address, port) = Self.endpoint(fields, "saddr", "src") else { return nil }
            self = .own(address, port: port)
        } else {
            self = .other
        }
    }

    /// What the kernel writes where a path has no room; a path that it knows begins with a slash or names no file system.
    private static let tooLong = Array("<too_long>".utf8)

    private static func file(_ fields: AuditFields) -> Self? {
        guard let path = fields.bytes("path"), let device = fields.bytes("dev"), let inode = fields.number("ino") else { return nil }
        return .file(path: path == tooLong ? nil : path, device: device, inode: inode)
    }

    private static func endpoint(_ fields: AuditFields, _ address: StaticString, _ port: StaticString) -> (IPAddress?, UInt16)? {
        guard let number = fields.number(port).flatMap({ UInt16(exactly: $0) }) else { return nil }
        guard fields.has(address) else { return (nil, number) }
        guard let text = fields.word(address), let found = IPAddress(text) else { return nil }
        return (found, number)
    }
}
