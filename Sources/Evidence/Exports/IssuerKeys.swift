import StrictJSON

/// Public keys that a reader knows from elsewhere. A key that comes along with what it signed is never looked at: whoever changed the one could have
/// changed the other.
public struct IssuerKeys: Sendable, Hashable {
    /// Why there is no key for a signature.
    public enum Missing: Error, Sendable, Hashable {
        case unknown
        /// It is there, and of another kind than Ed25519.
        case otherKind
    }

    struct Entry: Sendable, Hashable {
        /// nil: the reader named this key for whatever is signed.
        let name: String?
        /// nil for a key of another kind.
        let publicKey: [UInt8]?
        /// From the first on, and before the second.
        var begin: Moment?
        var end: Moment?
    }

    let entries: [Entry]

    /// Reads a JWK Set (RFC 7517), a public key in PEM, or 64 hexadecimal digits; nil for anything else, a set that gives one name twice included.
    public init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let trimmed = text.utf8.last == 0x0A ? String(decoding: Array(text.utf8.dropLast()), as: UTF8.self) : text
        if let key = PEMKey.publicKey(text) ?? Hex.decode(trimmed).flatMap({ $0.count == Ed25519.publicKeySize ? $0 : nil }) {
            entries = [Entry(name: nil, publicKey: key)]
            return
        }
        guard let set = (try? JSON(parsing: bytes))?["keys"]?.array else { return nil }
        let entries = set.compactMap { Entry($0) }
        guard entries.count == set.count, Set(entries.map { Array(($0.name ?? "").utf8) }).count == entries.count else { return nil }
        self.entries = entries
    }

    init(_ publicKey: [UInt8], named name: String? = nil) {
        entries = [Entry(name: name, publicKey: publicKey)]
    }

    func entry(named name: String) throws(Missing) -> (publicKey: [UInt8], entry: Entry) {
        guard let entry = entries.first(where: { $0.name.map { $0.utf8.elementsEqual(name.utf8) } ?? true }) else { throw .unknown }
        guard let publicKey = entry.publicKey else { throw .otherKind }
        return (publicKey, entry)
    }

    /// All that are Ed25519, whatever their names.
    var publicKeys: [[UInt8]] { entries.compactMap(\.publicKey) }
}

extension IssuerKeys.Entry {
    /// A JSON Web Key (RFC 8037); nil for one that cannot be judged by: without a name, an Ed25519 key of a wrong size, a window that is no time.
    fileprivate init?(_ key: JSON) {
        guard let name = key["kid"]?.string, let kind = key["kty"]?.string else { return nil }
        self.name = name
        if key["crv"] == "Ed25519", kind.utf8.elementsEqual("OKP".utf8) {
            guard let bytes = key["x"]?.string.flatMap({ Base64.decode(unpaddedURL: $0) }), bytes.count == Ed25519.publicKeySize else {
                return nil
            }
            publicKey = bytes
        } else {
            publicKey = nil
        }
        for (member, path) in [("valid_from", \IssuerKeys.Entry.begin), ("valid_until", \.end)]
            as [(String, WritableKeyPath<Self, Moment?>)]
        {
            guard let value = key[member] else { continue }
            guard let moment = value.string.flatMap({ Moment($0) }) else { return nil }
            self[keyPath: path] = moment
        }
    }

    func contains(_ moment: Moment) -> Bool {
        (begin.map { moment >= $0 } ?? true) && (end.map { moment < $0 } ?? true)
    }
}
