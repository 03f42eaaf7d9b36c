public import Descriptors
public import StrictJSON

/// One thing that is wrong with a log, and where.
public struct Finding: Hashable, Sendable {
    /// Closed, so that each is explained where findings are printed.
    public enum Problem: Error, Hashable, Sendable {
        /// A file or directory cannot be read.
        case unreadable(Errno)
        /// A file that no log has.
        case foreignFile
        /// The public key's file is not in its form, or is not the expected key.
        case malformedKey
        case unexpectedKey(expected: VerifierKey)
        /// A key, and what it signed, of an algorithm that this version does not have.
        case unknownAlgorithm(UInt8)
        /// The file of earlier public keys is not the log's own history of them.
        case keyHistory
        /// A receipt says that the key was exchanged, and it was not: `KeyRotation.Fault` as its raw value.
        case badRotation(String)
        /// A checkpoint over so many receipts is signed by a key of the log that was not its key there.
        case supersededKey(size: UInt64)
        /// A proof is signed by another key of its log's name than the given one: the first four bytes of its hash, in hexadecimal.
        case otherSigner(String)
        /// The last line has no end: an append was cut short.
        case tornLine
        /// Beyond what a line may have.
        case lineTooLong
        case notJSON(JSONError)
        /// JSON, but not in canonical form.
        case notCanonical
        /// A member that receipts do not have, or a value that it cannot have.
        case unknownMember(String)
        case missingMember(String)
        case invalidMember(String)
        /// The numbers of the log do not follow each other.
        case number(expected: UInt64, found: UInt64)
        /// A session's receipts do not follow each other.
        case sessionNumber(session: String, expected: UInt64, found: UInt64)
        /// A receipt of a session of which the log says that no more come.
        case closedSession(String)
        /// A session's gate's statements do not follow each other.
        case spoolNumber(session: String, expected: UInt64, found: UInt64)
        /// A segment is missing: this one should begin elsewhere.
        case segmentStart(expected: UInt64)
        /// The content is not that of the digest that names it.
        case documentMismatch
        /// A line that bundles do not have, or not there.
        case unknownLine
        case misplacedLine
        /// Documents are not in the order of their digests, or one is there twice.
        case documentOrder
        /// A document that no receipt of the bundle names.
        case documentUnnamed
        /// A bundle does not begin with the receipt that names the log's key.
        case keyNotNamed
        /// Two hashes stand where one would do: a bundle is spelled one way.
        case splitNode
        /// Receipts are left out, and the bundle says that it has all.
        case leftOut(first: UInt64, leaves: UInt64)
        /// A receipt that the bundle's own filter leaves out, or that should be there.
        case outsideFilter
        /// The places of a bundle's receipts and hashes are not as many as were signed.
        case placesMissing(signed: UInt64, found: UInt64)
        /// What a bundle counts is not what it has.
        case bundleCount(String, stated: UInt64, found: UInt64)
        /// The hash at a bundle's end is not that of its lines.
        case endMismatch
        /// A bundle has no end.
        case endMissing
        /// The place that a known checkpoint signs lies inside of what is left out, or behind the bundle's.
        case checkpointNotComparable(size: UInt64)
        /// Not a checkpoint note, or not spelled as one.
        case malformedCheckpoint
        /// No valid signature by the log's key.
        case badSignature
        /// Smaller than the one before it.
        case checkpointOrder(previous: UInt64, found: UInt64)
        /// The log is shorter than what was signed.
        case truncated(signed: UInt64, found: UInt64)
        /// The receipts from `first` up to the checkpoint's size are not those that were signed.
        case rootMismatch(first: UInt64, size: UInt64)
        /// Fewer receipts are signed for than the caller knows of.
        case belowMinimum(minimum: UInt64, signed: UInt64)
        /// The checkpoint that the caller kept does not hold for this log.
        case knownCheckpointViolated(size: UInt64)
        /// What retention left is not spelled as it is written, or cannot stand there.
        case malformedRoots
        /// What is left of a segment is not what a signed receipt says of its removal: nobody may have removed it.
        case unrecordedRemoval(first: UInt64)
        /// What is said to be left of a segment that is still there is not of it.
        case rootsMismatch(first: UInt64)
        /// The checkpoint's last receipt lies among others that are removed, so that it cannot be held against the log.
        case removedCheckpoint(size: UInt64)
        /// What is kept of a decision's arguments is not what its receipt commits to.
        case contentMismatch(session: String, number: UInt64)
        /// It is not there, and no receipt says that it was erased.
        case contentMissing(session: String, number: UInt64)
        /// The session's key is not there, or is none: what is kept of it cannot be held against its receipts.
        case contentKeyMissing(session: String)
        /// A file that is marked as a proof and is not spelled as one.
        case malformedProof
        /// The receipt does not stand there in the log that was signed.
        case notIncluded(number: UInt64)
        /// The proof is about another earlier checkpoint than the one that the caller kept.
        case otherCheckpoint(proven: UInt64, known: UInt64)
    }

    public let problem: Problem
    /// Relative to the log's directory.
    public let file: String
    /// From 1; nil where the whole file is meant.
    public let line: Int?

    public init(_ problem: Problem, _ file: String, _ line: Int? = nil) {
        self.problem = problem
        self.file = file
        self.line = line
    }
}
