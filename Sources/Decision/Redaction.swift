import Policy
public import StrictJSON

extension Additions {
    /// What stands for a value that the server is not to see: a JSON string, whatever the value was.
    public static let mask = Array("\"[redacted]\"".utf8)

    /// The changes that mask what rules say, of arguments that are forwarded. What is missing needs none.
    ///
    /// Errors: `.ambiguousRedaction` where a server that takes names for each other could find the value under another name.
    public func redactions(in arguments: JSONNode?, _ tape: borrowing JSONTape) throws(BlockReason) -> [JSONEdit] {
        guard let arguments else { return [] }
        var edits: [JSONEdit] = []
        for pointer in redact {
            switch ArgumentPlace(pointer).find(from: arguments, tape) {
            case .found(let node): edits.append(JSONEdit(node, .replace(Self.mask)))
            case .missing: break
            case .ambiguous: throw .ambiguousRedaction(pointer: pointer.text)
            }
        }
        return edits
    }
}
