import Decision
import Evidence
import StrictJSON

/// What is kept of arguments where the policy says `evidence.arguments: full`. It goes into the spool with the decision, in one frame, so that
/// none is there without the other.
extension GateState {
    /// What is to be kept of a call whose canonical arguments were committed to last. Whatever some rule of the tool masks is masked, whether that
    /// rule applies or not, and whether the call is made or not.
    ///
    /// Errors: `.ambiguousRedaction`: it cannot be told what is to be masked.
    mutating func content(ofCall name: [UInt8], _ arguments: JSONNode?) throws(BlockReason) -> Input.Content? {
        guard facts.keepsArguments else { return nil }
        let edits = try rules.redactions(of: name, in: arguments, tape)
        guard let arguments, !edits.isEmpty else { return try content() }
        var masked: [UInt8] = []
        tape.encode(arguments, edits: edits, into: &masked)
        // The arguments have a canonical form, and a mask is a string.
        guard let json = try? JSON(parsing: masked, limits: Self.contentLimits), let canonical = try? json.canonical() else {
            throw .evidenceUnavailable
        }
        return try content(canonical)
    }

    /// What is to be kept of a message that was committed to last.
    mutating func content() throws(BlockReason) -> Input.Content? {
        guard facts.keepsArguments else { return nil }
        return try content(canonical)
    }

    private mutating func content(_ bytes: [UInt8]) throws(BlockReason) -> Input.Content {
        guard bytes.count <= KeptContent.limit else { throw .evidenceUnavailable }
        return Input.Content(bytes: bytes, code: commitment.code(bytes).bytes)
    }

    /// Masks make arguments longer than they were.
    private static var contentLimits: JSONLimits {
        var limits = JSONLimits.standard
        limits.bytes *= 2
        return limits
    }
}
