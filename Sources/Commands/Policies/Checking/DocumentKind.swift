/// What a YAML file is meant to be, told by its keys alone: enough to leave the files of others alone, and no policy with a mistake in it.
enum DocumentKind: Sendable, Hashable {
    case policy, layer, other

    /// Bytes that are looked into.
    static let most = 1 << 20

    init(_ bytes: [UInt8]) {
        var kind = DocumentKind.other
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            // Editors of other systems begin a file with a byte order mark; that it must go is the parser's word.
            let text = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
            // In flow style all keys may stand on one line.
            let keys = text.first == UInt8(ascii: "{") ? text.dropFirst().drop { $0 == UInt8(ascii: " ") } : text
            if Self.begins(keys, with: "sandboxd") {
                kind = .policy
                break
            }
            if Self.begins(keys, with: "sandboxd-layer") {
                kind = .layer
                break
            }
        }
        self = kind
    }

    /// The key, in quotes or not, and its colon.
    private static func begins(_ line: ArraySlice<UInt8>, with key: String) -> Bool {
        for quote in ["", "\"", "'"] where line.starts(with: (quote + key + quote).utf8) {
            let rest = line.dropFirst(key.utf8.count + 2 * quote.utf8.count).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if rest.first == UInt8(ascii: ":") { return true }
        }
        return false
    }
}
