public import Evidence
public import StrictJSON

/// One refusal as it is brought to the ledger: whose policy, what was said against it, and on which host.
///
/// Nothing in it is a secret: values of `pass` and `secret` are no part of a policy's text, and a layer's text is not kept, since callers who may
/// see an entry may not be allowed to read it.
public struct RefusedPolicy: Sendable, Hashable {
    /// Where a policy was refused.
    public enum Stage: String, Sendable, Hashable {
        case check
        case launch
    }

    /// The policy, or something that it includes; as it came, before anything is expanded.
    public struct Document: Sendable, Hashable {
        /// That positions carry.
        public var name: String
        public var size: Int64
        /// `nil` where there was no room for it.
        public var bytes: [UInt8]?

        public init(name: String, bytes: [UInt8]) {
            self.init(name: name, size: Int64(bytes.count), bytes: bytes)
        }

        init(name: String, size: Int64, bytes: [UInt8]?) {
            self.name = name
            self.size = size
            self.bytes = bytes
        }
    }

    /// Where in a log a refusal is recorded.
    public struct Receipt: Sendable, Hashable {
        public var log: String
        public var number: Int64

        public init(log: String, number: Int64) {
            self.log = log
            self.number = number
        }
    }

    /// The uid for whom it would have been enforced.
    public var caller: UInt32
    /// The policy's name.
    public var policy: String
    /// What positions in it carry: a path as somebody wrote it, and so not part of what it was refused for.
    public var main: String
    /// The home of a session's own user, which is another each time: no part of what the policy was refused for.
    public var home: String
    /// SHA-256 of the policy as expanded, that home aside; where it could not be expanded, of its texts.
    public var subject: Digest
    public var isExpanded: Bool
    /// As JSON each.
    public var reasons: [JSON]
    /// Of each reason.
    public var codes: [String]
    /// SHA-256 of the layers that reasons stand in, by the name that their positions carry.
    public var layers: [String: Digest]
    /// The host profile in canonical form.
    public var host: [UInt8]
    public var documents: [Document]
    public var stage: Stage
    /// `nil` where the log did not take it.
    public var receipt: Receipt?
    /// Where; `nil` in a ledger of one host's own.
    public var place: LedgerHost?

    public init(
        caller: UInt32, policy: String, main: String, home: String, subject: Digest, isExpanded: Bool, reasons: [JSON], codes: [String],
        layers: [String: Digest],
        host: [UInt8], documents: [Document], stage: Stage, receipt: Receipt?, place: LedgerHost? = nil
    ) {
        self.caller = caller
        self.policy = policy
        self.main = main
        self.home = home
        self.subject = subject
        self.isExpanded = isExpanded
        self.reasons = reasons
        self.codes = codes
        self.layers = layers
        self.host = host
        self.documents = documents
        self.stage = stage
        self.receipt = receipt
        self.place = place
    }

    /// The entry's: it stays the same whatever the policy says and wherever on a host it is refused. Each host has its own.
    public static func entry(of policy: String, for caller: UInt32, at place: LedgerHost? = nil) -> String {
        let host = place.map { [JSON.string($0.name), .string($0.machine)] } ?? []
        let key = JSON.array([JSON(Int(caller)), .string(policy)] + host)
        return String(SHA256.digest(key.encoded()).hex.prefix(idLength))
    }

    public static let idLength = 16

    public var entry: String { Self.entry(of: policy, for: caller, at: place) }

    /// As it stands in the tables.
    var hostName: String { place?.name ?? "" }

    var hostDigest: Digest { SHA256.digest(host) }

    /// The finding's: another when the policy, one of the reasons, the place of one, or the host is.
    var identity: String {
        let key: JSON = [.string(subject.hex), .array(reasons.map(placed)), .string(hostDigest.hex)]
        return Self.digest(key.encoded(), without: home).hex
    }

    /// Of JSON in which a session's own home stands for `${home}`.
    public static func digest(_ json: [UInt8], without home: String) -> Digest {
        SHA256.digest(Array(String(decoding: json, as: UTF8.self).replacing(home, with: "${home}").utf8))
    }

    private func placed(_ reason: JSON) -> JSON {
        guard var object = reason.object, var location = object["location"]?.object,
            location["file"]?.string.map({ $0.utf8.elementsEqual(main.utf8) }) == true
        else { return reason }
        location["file"] = .null
        object["location"] = .object(location)
        return .object(object)
    }
}
