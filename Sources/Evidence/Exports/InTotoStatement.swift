public import StrictJSON

/// An in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md): something is said of artifacts that are named
/// by their digests.
public struct InTotoStatement: Hashable, Sendable {
    public struct Subject: Hashable, Sendable {
        public let name: String
        public let digest: Digest

        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }
    }

    /// Why bytes are no statement.
    public enum Problem: Error, Hashable, Sendable {
        case notJSON(JSONError)
        case missingMember(String)
        case invalidMember(String)
    }

    public static let mediaType = "application/vnd.in-toto+json"
    public static let type = "https://in-toto.io/Statement/v1"

    public let subjects: [Subject]
    public let predicateType: String
    public let predicate: JSONObject

    public init(_ subjects: [Subject], predicateType: String, predicate: JSONObject) {
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// Reads a statement whose subjects have a SHA-256; nothing is judged.
    public init(_ bytes: [UInt8]) throws(Problem) {
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: JSONLimits(bytes: 4 << 20)) } catch { throw .notJSON(error) }
        for name in ["_type", "subject", "predicateType", "predicate"] where json[name] == nil { throw .missingMember(name) }
        guard json["_type"] == .string(Self.type) else { throw .invalidMember("_type") }
        let list = json["subject"]?.array ?? []
        let subjects = list.compactMap { Subject($0) }
        guard !subjects.isEmpty, subjects.count == list.count else { throw .invalidMember("subject") }
        guard let predicateType = json["predicateType"]?.string, !predicateType.utf8.isEmpty else { throw .invalidMember("predicateType") }
        guard let predicate = json["predicate"]?.object else { throw .invalidMember("predicate") }
        self.init(subjects, predicateType: predicateType, predicate: predicate)
    }

    public var json: JSON {
        [
            "_type": .string(Self.type),
            "subject": .array(subjects.map { ["name": .string($0.name), "digest": ["sha256": .string($0.digest.hex)]] }),
            "predicateType": .string(predicateType), "predicate": .object(predicate),
        ]
    }
}

extension InTotoStatement.Subject {
    fileprivate init?(_ json: JSON) {
        guard let digest = json["digest"]?["sha256"]?.string.flatMap({ Digest(hex: $0) }), let name = json["name"]?.string else {
            return nil
        }
        self.init(name: name, digest: digest)
    }
}
