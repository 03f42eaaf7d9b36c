import StrictJSON

enum JSONFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        var tape = JSONTape(seed: 1)
        let tree = try? JSON(parsing: bytes)
        let isParsed = (try? tape.parse(bytes)) != nil
        try Contradiction.unless(isParsed == (tree != nil), "tape and tree do not accept the same")
        var cut = JSONTape(seed: 2)
        cut.salvage(bytes.span)
        guard let tree, isParsed else { return }
        try roundTrip(tape, tree)
        try canonical(&tape, tree)
    }

    private static func roundTrip(_ tape: borrowing JSONTape, _ tree: JSON) throws(Contradiction) {
        let written = tape.encoded()
        try Contradiction.unless(written == tree.encoded(), "tape and tree are written differently")
        let again = try? JSON(parsing: written)
        try Contradiction.unless(again == tree, "what was written is read differently")
        var other = JSONTape(seed: 3)
        let isParsed = (try? other.parse(written)) != nil
        try Contradiction.unless(isParsed && other.encoded() == written, "what was written is written differently")
    }

    private static func canonical(_ tape: inout JSONTape, _ tree: JSON) throws(Contradiction) {
        var output: [UInt8] = []
        let isCanonical = (try? tape.canonicalize(into: &output)) != nil
        let form = try? tree.canonical()
        try Contradiction.unless(isCanonical == (form != nil), "only one of tape and tree has a canonical form")
        guard let form else { return }
        try Contradiction.unless(form == output, "tape and tree have different canonical forms")
        let again = (try? JSON(parsing: form)).flatMap { try? $0.canonical() }
        try Contradiction.unless(again == form, "the canonical form has another canonical form")
    }
}
