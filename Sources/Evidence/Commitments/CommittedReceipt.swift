import StrictJSON

/// A receipt's line, against which contents are held.
public struct CommittedReceipt: Hashable, Sendable {
    private let body: JSONObject
    /// nil for a receipt of no session, which commits to nothing.
    public let session: String?

    /// nil when the line is no receipt.
    public init?(line: [UInt8]) {
        guard let read = try? ReceiptLine(line), let body = (try? JSON(parsing: line))?[ReceiptFields.body]?.object else { return nil }
        self.body = body
        session = read.place?.session
    }

    public enum Answer: String, Hashable, Sendable {
        case match
        case noMatch = "no-match"
        /// The receipt commits to no such content.
        case noCommitment = "no-commitment"
    }

    /// Whether it commits to contents of this kind.
    public func commits(to subject: Commitment.Subject) -> Bool { code(of: subject) != nil }

    /// Whether `content` is what it commits to. Arguments count by their canonical form, and an answer as the gate writes it, however they are
    /// spelled here; the order of an answer's members counts.
    public func holds(_ content: [UInt8], as subject: Commitment.Subject, key: CommitmentKey) throws(Commitment.Problem) -> Answer {
        guard let code = code(of: subject) else { return .noCommitment }
        var commitment = HMACSHA256(key: key.bytes)
        let json: JSON
        do { json = try JSON(parsing: content) } catch { throw .notJSON }
        switch subject {
        case .arguments:
            guard let canonical = try? json.canonical() else { throw .notCanonical }
            return commitment.code(canonical) == code ? .match : .noMatch
        case .response:
            let bytes = json.encoded()
            return bytes.withUnsafeBytes { commitment.code(Commitment.responseDomain, $0) } == code ? .match : .noMatch
        }
    }

    private func code(of subject: Commitment.Subject) -> Digest? {
        guard let text = body[subject.rawValue]?.string, text.utf8.starts(with: "\(Commitment.prefix)".utf8) else { return nil }
        return Digest(hex: String(decoding: text.utf8.dropFirst(Commitment.prefix.utf8CodeUnitCount), as: UTF8.self))
    }
}
