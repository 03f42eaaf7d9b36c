/// A change that is made while a document is written anew.
public struct JSONEdit: Sendable, Hashable {
    public enum Action: Sendable, Hashable {
        /// Leaves out an element, or the member of a name.
        case remove
        /// Writes these bytes, which are JSON, instead of a value.
        case replace([UInt8])
        /// Writes one more member, after all others of an object. The object has no member of that name.
        case append(name: String, value: [UInt8])
        /// Writes one more element, after all others of an array.
        case appendElement([UInt8])
    }

    /// For `remove` an element or a member's name, else a value.
    public let node: JSONNode
    public let action: Action

    public init(_ node: JSONNode, _ action: Action) {
        self.node = node
        self.action = action
    }
}
