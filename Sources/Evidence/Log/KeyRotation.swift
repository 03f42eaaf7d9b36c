import StrictJSON

/// The exchange of a log's key for another: body of a `lifecycle` receipt, `key-rotated`, that belongs to no session.
///
/// | member | |
/// |---|---|
/// | `log` | the log's name, which stays |
/// | `oldKey`, `newKey` | both public keys, in the form of notes |
/// | `size`, `root` | of the log before this receipt; SHA-256 in hexadecimal |
/// | `oldSignature`, `newSignature` | base64, each over the statement |
///
/// The statement is six lines, each with its line feed: `sandboxd-key-rotation/v1`, log, old key, new key, size, root (hexadecimal). A checkpoint
/// never begins so: its first line is a log's name, and the second a number.
struct KeyRotation: Hashable, Sendable {
    let log: String
    let old: VerifierKey
    let new: VerifierKey
    let size: UInt64
    let root: Digest
    private let oldSignature: [UInt8]
    private let newSignature: [UInt8]

    /// Why a receipt does not exchange the key. The raw values stand in JSON.
    enum Fault: String, Error, Hashable, Sendable {
        case malformed
        /// Of a key whose algorithm is not known.
        case unknownAlgorithm = "unknown-algorithm"
        case otherLog = "other-log"
        /// The old key is not the one that signed until here.
        case otherKey = "other-key"
        /// The new key was one before.
        case usedKey = "used-key"
        /// Size and root are not the log's.
        case otherPlace = "other-place"
        case oldSignature = "old-signature"
        case newSignature = "new-signature"
    }

    static let event = "key-rotated"
    private static let title = "sandboxd-key-rotation/v1"

    /// Signs it with both.
    init(from old: SigningKey, to new: SigningKey, size: UInt64, root: Digest) {
        (log, self.old, self.new, self.size, self.root) = (old.verifier.name, old.verifier, new.verifier, size, root)
        let statement = Self.statement(log, old.verifier, new.verifier, size, root)
        (oldSignature, newSignature) = (old.sign(statement), new.sign(statement))
    }

    var body: JSONObject {
        JSONObject([
            (LogEvent.event, .string(Self.event)), ("log", .string(log)), ("newKey", .string(new.text)),
            ("newSignature", .string(Base64.encode(newSignature))), ("oldKey", .string(old.text)),
            ("oldSignature", .string(Base64.encode(oldSignature))), ("root", .string(root.hex)),
            ("size", .number(JSONNumber(Int64(clamping: size)))),
        ])
    }

    /// Reads the body of a receipt of the log's own; nil when it tells of something else.
    init?(_ body: JSONObject) throws(Fault) {
        guard let name = body[LogEvent.event]?.string, name.utf8.elementsEqual(Self.event.utf8) else { return nil }
        guard body.members.count == 8, let log = body["log"]?.string, let size = body["size"]?.int64, size >= 0,
            let root = body["root"]?.string.flatMap({ Digest(hex: $0) }),
            let oldSignature = body["oldSignature"]?.string.flatMap({ Base64.decode($0) }),
            let newSignature = body["newSignature"]?.string.flatMap({ Base64.decode($0) })
        else { throw .malformed }
        (self.log, self.size, self.root, self.oldSignature, self.newSignature) = (log, UInt64(size), root, oldSignature, newSignature)
        old = try Self.key(body["oldKey"]?.string)
        new = try Self.key(body["newKey"]?.string)
    }

    private static func key(_ text: String?) throws(Fault) -> VerifierKey {
        guard let text else { throw .malformed }
        do { return try VerifierKey(parsing: text) } catch {
            switch error {
            case .malformed: throw .malformed
            case .unknownAlgorithm: throw .unknownAlgorithm
            }
        }
    }

    func checkSignatures() throws(Fault) {
        let statement = Self.statement(log, old, new, size, root)
        guard old.isValid(oldSignature, of: statement) else { throw .oldSignature }
        guard new.isValid(newSignature, of: statement) else { throw .newSignature }
    }

    private static func statement(_ log: String, _ old: VerifierKey, _ new: VerifierKey, _ size: UInt64, _ root: Digest) -> [UInt8] {
        Array([title, log, old.text, new.text, "\(size)", root.hex, ""].joined(separator: "\n").utf8)
    }
}
