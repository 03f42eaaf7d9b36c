/// A member's name that a schema names.
struct SchemaName: Sendable, Hashable {
    let bytes: [UInt8]
    let folded: FoldedName

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        folded = FoldedName(bytes)
    }

    init(_ text: String) { self.init(Array(text.utf8)) }
}
