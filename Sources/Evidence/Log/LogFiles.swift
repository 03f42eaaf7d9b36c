/// The names inside a log's directory. The only place where they stand.
enum LogFiles {
    static let key = "key"
    static let publicKey = "key.pub"
    /// The private key that is about to be the log's.
    static let nextKey = "key.next"
    /// Public keys before the last one, from the first on.
    static let earlierKeys = "keys"
    static let checkpoints = "checkpoints"
    static let segments = "segments"
    /// Torn ends that were cut off, kept as they were found.
    static let aside = "aside"
    static let lock = "lock"
    /// What receipts name by digest, one file each, named by its SHA-256 in hexadecimal.
    static let documents = "documents"
    /// What sessions' commitments are made with, by session.
    static let commitmentKeys = "commitment-keys"
    /// Arguments that are kept, one file each: `SESSION/NUMBER`.
    static let contents = "contents"
    /// What retention removed: the hashes of subtrees, and what must still be known.
    static let roots = "roots"
    /// What the log was when its last segment began.
    static let snapshot = "snapshot"

    /// `000000000042.jsonl`: named by its first receipt's number.
    static func segment(from number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits + ".jsonl"
    }

    /// The first number that a segment's name states; nil for another name.
    static func firstNumber(ofSegment name: [UInt8]) -> UInt64? {
        guard let text = String(validating: name, as: UTF8.self), let number = UInt64(text.prefix { $0 != "." }) else { return nil }
        return segment(from: number).utf8.elementsEqual(name) ? number : nil
    }
}
