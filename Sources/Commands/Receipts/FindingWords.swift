import Descriptors
import Evidence
import StrictJSON

/// What is wrong with a log, in words; names and numbers of the log are foreign text.
struct FindingWords: Sendable, Hashable {
    /// Stable, for JSON.
    let code: String
    let message: String

    private init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ problem: Finding.Problem) {
        self =
            switch problem {
            case .unreadable(let error): Self("unreadable", "cannot be read: \(ErrnoWords.text(error.name))")
            case .foreignFile: Self("foreign-file", "does not belong to a log")
            case .malformedKey: Self("malformed-key", "is not a public key in the form of a note")
            case .unexpectedKey(let expected): Self("unexpected-key", "is signed by another key than \(Escaping.quoted(expected.text))")
            case .unknownAlgorithm(let type):
                Self("unknown-algorithm", "signed with an algorithm that this sandboxctl does not know (\(type))")
            case .keyHistory: Self("key-history", "is not the history of keys that the log's own receipts tell")
            case .badRotation(let fault):
                Self("bad-rotation", "says that the log's key was exchanged, and does not do so: \(Self.rotation(fault))")
            case .supersededKey(let size):
                Self("superseded-key", "the checkpoint over \(size) receipts is signed by a key of the log that was not its key there")
            case .otherSigner(let identifier):
                Self(
                    "other-signer",
                    "is signed by another key of this log, \(Escaping.line(identifier)): `--key` takes that one, too, once it is trusted")
            case .tornLine: Self("torn-line", "the last line has no end: an append was cut short, or the file was")
            case .lineTooLong: Self("line-too-long", "a line is longer than a receipt may be")
            case .notJSON(let error): Self("not-json", "is not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
            case .notCanonical: Self("not-canonical", "is not in canonical form: it was written by somebody else")
            case .unknownMember(let name): Self("unknown-member", "has a member \(Escaping.quoted(name)) that receipts do not have")
            case .missingMember(let name): Self("missing-member", "lacks the member \(Escaping.quoted(name))")
            case .invalidMember(let name): Self("invalid-member", "has a value in \(Escaping.quoted(name)) that it cannot have")
            case .number(let expected, let found):
                Self("number", "is numbered \(found) where \(expected) follows: receipts were removed, added or moved")
            case .sessionNumber(let session, let expected, let found):
                Self("session-number", "session \(Escaping.quoted(session)) goes on with \(found) where \(expected) follows")
            case .closedSession(let session):
                Self("closed-session", "session \(Escaping.quoted(session)) goes on, and the log says that no more comes of it")
            case .spoolNumber(let session, let expected, let found):
                Self("spool-number", "the gate of session \(Escaping.quoted(session)) goes on with \(found) where \(expected) follows")
            case .segmentStart(let expected):
                Self("segment-start", "begins elsewhere than at receipt \(expected): a segment is missing or was renamed")
            case .documentMismatch: Self("document-mismatch", "is not the document whose SHA-256 it is named by: it was changed")
            case .unknownLine: Self("unknown-line", "is no line that bundles have")
            case .misplacedLine: Self("misplaced-line", "stands where bundles have no such line")
            case .documentOrder: Self("document-order", "is not in the order of digests, or is there twice")
            case .documentUnnamed: Self("document-unnamed", "has a document that none of its receipts names")
            case .keyNotNamed: Self("key-not-named", "the receipt is missing with which a log begins by naming its key")
            case .splitNode: Self("split-node", "two hashes stand where one would do: somebody else wrote this")
            case .leftOut(let first, let leaves):
                Self("left-out", "leaves out \(leaves) receipts from \(first) on, and says that it has all")
            case .outsideFilter: Self("outside-filter", "is not what the bundle says that it holds")
            case .placesMissing(let signed, let found):
                Self("places-missing", "\(signed) receipts were signed, and the lines of the bundle stand for \(found)")
            case .bundleCount(let what, let stated, let found):
                Self("bundle-count", "says that it has \(stated) \(what), and has \(found)")
            case .endMismatch: Self("end-mismatch", "the hash at the end is not that of the lines before: at least one byte was changed")
            case .endMissing: Self("end-missing", "has no end: it was cut, or never finished")
            case .checkpointNotComparable(let size):
                Self(
                    "checkpoint-not-comparable",
                    "cannot be held against the given checkpoint over \(size) receipts, which end inside of what is left out or behind it: "
                        + "`sandboxctl receipts proof --since` proves the log's growth")
            case .malformedCheckpoint: Self("malformed-checkpoint", "is not a checkpoint")
            case .badSignature: Self("bad-signature", "the checkpoint is not signed by the log's key")
            case .checkpointOrder(let previous, let found):
                Self("checkpoint-order", "a checkpoint over \(found) receipts follows one over \(previous)")
            case .truncated(let signed, let found):
                Self("truncated", "\(signed) receipts were signed and \(found) are here: the log was cut")
            case .rootMismatch(let first, let size):
                Self(
                    "root-mismatch",
                    "receipts \(first) to \(size == 0 ? 0 : size - 1) are not what was signed: at least one byte of them was changed")
            case .belowMinimum(let minimum, let signed):
                Self("below-minimum", "\(signed) receipts are signed for, and at least \(minimum) must be")
            case .knownCheckpointViolated(let size):
                Self("known-checkpoint", "the log does not contain what the given checkpoint over \(size) receipts signed")
            case .malformedRoots: Self("malformed-roots", "is not what retention leaves of a segment")
            case .unrecordedRemoval(let first):
                Self("unrecorded-removal", "no signed receipt tells that the segment from \(first) was removed, and left this")
            case .rootsMismatch(let first): Self("roots-mismatch", "what is left of the segment from \(first) is not of that segment")
            case .removedCheckpoint(let size):
                Self(
                    "removed-checkpoint", "the checkpoint over \(size) receipts ends among receipts that are removed: it cannot be checked")
            case .contentMismatch(let session, let number):
                Self("content-mismatch", "what is kept of \(Escaping.quoted("\(session)/\(number)")) is not what the receipt commits to")
            case .contentMissing(let session, let number):
                Self("content-missing", "what was kept of \(Escaping.quoted("\(session)/\(number)")) is not there, and was not erased")
            case .contentKeyMissing(let session):
                Self("content-key-missing", "without the key of session \(Escaping.quoted(session)) what is kept of it cannot be checked")
            case .malformedProof: Self("malformed-proof", "says that it is a proof and is not spelled as one")
            case .notIncluded(let number):
                Self("not-included", "the log that was signed has no such receipt at \(number): the receipt or the proof was changed")
            case .otherCheckpoint(let proven, let known):
                Self("other-checkpoint", "proves that the log goes on from \(proven) receipts, and the given checkpoint is over \(known)")
            }
    }
}

extension FindingWords {
    private static func rotation(_ fault: String) -> String {
        switch fault {
        case "unknown-algorithm": "a key is of an algorithm that this sandboxctl does not know"
        case "other-log": "it names another log"
        case "other-key": "its old key is not the log's"
        case "used-key": "its new key was the log's before"
        case "other-place": "size and root are not those of the log before it"
        case "old-signature": "the old key did not sign it"
        case "new-signature": "the new key did not sign it"
        default: "a member is missing, or not what it should be"
        }
    }
}

extension Finding {
    /// `FILE:LINE: message`
    var text: String {
        let place = Escaping.line(file) + (line.map { ":\($0)" } ?? "")
        return "\(place): \(FindingWords(problem).message)"
    }

    var json: JSON {
        let words = FindingWords(problem)
        return [
            "file": .string(file), "line": line.map { JSON($0) } ?? .null, "code": .string(words.code), "message": .string(words.message),
        ]
    }
}
