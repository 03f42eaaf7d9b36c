import StrictJSON

/// A file that a program of the session's cgroup did not let be executed (`struct execute_denial` of `bpf/egress.h`).
public struct DeniedFile: Sendable, Hashable {
    /// As execve(2) was given it, or as a `#!` line has it; it ends in `…` where the record had no room for all of it.
    public let path: String
    /// As stat(2) shows them; some file systems show another device there.
    public let device: UInt64
    public let inode: UInt64

    public init(path: String, device: UInt64, inode: UInt64) {
        self.path = path
        self.device = device
        self.inode = inode
    }

    /// Of the record's bytes behind those of every denial; `nil` where there are none.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.size else { return nil }
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        device = number(bytes.prefix(8))
        inode = number(bytes.dropFirst(8).prefix(8))
        let name = bytes.dropFirst(16).prefix(Self.nameBytes).prefix { $0 != 0 }
        path = String(decoding: name, as: UTF8.self) + (name.count == Self.nameBytes - 1 ? "…" : "")
    }

    private static let nameBytes = 128
    private static let size = 16 + nameBytes

    /// Text of a stranger: what is not plain is written as an escape.
    var words: String {
        path.unicodeScalars.map { scalar in
            let isPlain = (0x20..<0x7F).contains(scalar.value) && scalar != "`" && scalar != "\\" || scalar == "…"
            return isPlain ? String(Character(scalar)) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }.joined()
    }

    /// Members of a receipt.
    var members: JSONObject { ["act": "execution", "inode": .string("\(device):\(inode)"), "path": .string(path)] }
}
