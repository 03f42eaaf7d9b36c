import StrictJSON

/// What a string must be. Lengths are in Unicode scalars.
struct SchemaStringRules: Sendable {
    var minimum = 0
    var maximum = Int.max
    var pattern: SchemaPattern?
    /// The pattern without regard to case, for members' names.
    var folding: SchemaPattern?
    var format: SchemaFormat?

    func judge(_ node: JSONNode, isName: Bool, _ tape: borrowing JSONTape) -> Truth {
        guard hasLength(node, tape) else { return .false }
        var truth = Truth.true
        if let pattern { truth = isName ? judgeName(node, pattern, tape) : Truth(pattern.isFound(in: node, tape)) }
        guard truth != .false, let format else { return truth }
        return truth && (tape.withString(node) { format.judge($0) } ?? .true)
    }

    private func hasLength(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard minimum > 0 || maximum < .max else { return true }
        let count = tape.scalarCount(of: node)
        return minimum <= count && count <= maximum
    }

    /// Unknown when it depends on case.
    private func judgeName(_ node: JSONNode, _ pattern: SchemaPattern, _ tape: borrowing JSONTape) -> Truth {
        let exact = pattern.isFound(in: node, tape)
        return exact == folding?.isFound(inFoldOf: node, tape) ? Truth(exact) : .unknown
    }
}
