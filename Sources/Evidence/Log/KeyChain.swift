/// The keys of a log, from the first on. Each signs checkpoints up to the receipt by which it and the next one agree on the exchange; checkpoints
/// that cover that receipt are the next one's.
public struct KeyChain: Hashable, Sendable {
    /// Never empty.
    public private(set) var keys: [VerifierKey]
    /// Where each was exchanged for the next: the number of that receipt.
    public private(set) var rotations: [UInt64] = []

    public init(_ first: VerifierKey) {
        keys = [first]
    }

    /// As it was read; nil unless each key but the last one was exchanged, one after another.
    init?(_ keys: [VerifierKey], rotations: [UInt64]) {
        guard !keys.isEmpty, rotations.count == keys.count - 1, zip(rotations, rotations.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return nil
        }
        self.keys = keys
        self.rotations = rotations
    }

    public var current: VerifierKey { keys[keys.count - 1] }

    /// The one that signs checkpoints over so many receipts.
    public func key(ofSize size: UInt64) -> VerifierKey { keys[rotations.count { $0 < size }] }

    /// Takes over an exchange that the log has at `number`, where the tree before it has `root`. Errors: why it is none; the key stays.
    mutating func take(_ rotation: KeyRotation, at number: UInt64, _ root: Digest) throws(KeyRotation.Fault) {
        guard rotation.log.utf8.elementsEqual(current.name.utf8), rotation.new.name.utf8.elementsEqual(current.name.utf8) else {
            throw .otherLog
        }
        guard rotation.old == current else { throw .otherKey }
        guard !keys.contains(rotation.new) else { throw .usedKey }
        guard rotation.size == number, rotation.root == root else { throw .otherPlace }
        try rotation.checkSignatures()
        keys.append(rotation.new)
        rotations.append(number)
    }

    /// All but the last, one a line.
    var earlierText: String { keys.dropLast().map { $0.text + "\n" }.joined() }
}
