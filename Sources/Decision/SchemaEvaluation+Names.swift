import StrictJSON

/// Members' names against those of the schema.
extension SchemaTables {
    /// Whether a string or a member's name is this.
    @inline(__always)
    func isName(_ node: JSONNode, _ name: Name, _ tape: borrowing JSONTape) -> Bool {
        guard let key = tape.key(of: node) else { return tape.isString(node, text.span.extracting(name.bytes.range)) }
        return key == name.key && (key.isWhole || tape.isString(node, text.span.extracting(name.bytes.range)))
    }

    /// Whether a lax reader takes a string or a member's name for this.
    func isFold(_ node: JSONNode, of name: Name, _ tape: borrowing JSONTape) -> Bool {
        tape.withString(node) { FoldedName.isFold($0, of: text.span.extracting(name.folded.range)) } ?? false
    }

    /// The one of some names that a member's name is.
    func find(_ node: JSONNode, in run: Run, _ tape: borrowing JSONTape) -> Int? {
        guard let key = tape.key(of: node) else { return run.range.first { isName(node, names[$0], tape) } }
        for index in run.range where names[index].key == key {
            if key.isWhole || tape.isString(node, text.span.extracting(names[index].bytes.range)) { return index }
        }
        return nil
    }

    /// Whether there is a member. Unknown when there is none but one that a lax reader takes for it.
    func hasMember(_ name: Name, _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        var mayBe = false
        var cursor = tape.firstChild(of: node)
        while let member = cursor {
            if isName(member, name, tape) { return .true }
            mayBe = mayBe || isFold(member, of: name, tape)
            cursor = tape.nextName(after: member)
        }
        return mayBe ? .unknown : .false
    }
}
