/// What an instance of mcp@.service may be called: so that it is the name of a file, of a unit and of a socket, unescaped.
enum InstanceName {
    /// Small letters, digits and `-`, a letter or digit first; at most 64 bytes.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }

    /// Where clients reach it: `ListenStream=` of mcp@.socket.
    static func socket(_ name: String) -> String { "/run/sandboxd-mcp/\(name).sock" }

    /// Where its policy lies.
    static func policy(_ name: String) -> String { "/etc/sandboxd/policies/\(name).yaml" }

    static let problem = (message: "is no name of an instance", help: "small letters, digits and `-`, at most 64, not `-` first")
}
