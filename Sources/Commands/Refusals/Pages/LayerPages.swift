import Policy

/// R127 to R129 and R143: layers, and what they leave of a policy.
enum LayerPages {
    static let notInLayer = CodePage(
        "R127", "a key that only policies have, in a layer",
        meaning: """
            A layer is a document below `/etc/sandboxd/layers` that tightens the policies it applies to. It takes the clauses of a policy, and
            of `server` only `user`; it includes nothing, has no inputs and no tests, and starts nothing.
            """,
        example: .command(
            "sandboxctl wrap --policy notes", .notInLayer, ["key": "include", "place": "document", "problem": "ownDocument"]),
        why: """
            A layer holds for sessions that others start: what it says must not depend on their inputs, nor on documents beside it, and it must
            only ever take away.
            """,
        waysOut: ["Remove the key.", "Write it into the policies themselves."],
        related: ["R107", "R128"])

    static let foreignLayer = CodePage(
        "R129", "a layer that others than root may write",
        meaning: """
            The documents in `/etc/sandboxd/layers`, and that directory, must belong to root and be writable by nobody else. One that is not
            keeps every session from starting.
            """,
        example: .command("sandboxctl wrap --policy notes", .foreignLayer, ["file": "/etc/sandboxd/layers/acme.yaml"]),
        why:
            "Whoever may write a layer may lift what it holds; then it is no layer for them, and nobody can tell for whom it still is one.",
        waysOut: ["`chown root` and `chmod go-w` the file and its directory.", "Remove the file, to do without it."],
        related: ["R101", "R127"])

    static let duplicateLayer = CodePage(
        "R143", "two layers of one name",
        meaning: """
            A layer is known by its `name`, or by that of its file without the ending. Denials, receipts and `explain` name the layer that
            decided; two of one name keep every session from starting.
            """,
        example: .command("sandboxctl check notes", .duplicateLayer, ["layer": "acme", "file": "/etc/sandboxd/layers/acme.yaml"]),
        why: "Nobody could tell which of the two decided, and the budgets of one would be those of the other.",
        waysOut: ["Give one of them another `name`."],
        related: ["R127", "R141"])

    static let inexpressibleTightening = CodePage(
        "R128", "what policy and layer both permit cannot be written down",
        meaning: """
            Clauses that stand in a policy and in a layer are intersected, and the result must be a list of entries like any other. Two long
            lists of endpoints can have an intersection that is too long, and two lists of approvers can have none.
            """,
        example: .command(
            "sandboxctl wrap --policy notes", .inexpressibleTightening, ["clause": "egress.tcp", "layer": "acme", "problem": "tooMany"]),
        why: "A list that were cut short, or made a little wider to be shorter, would not be what both documents say.",
        waysOut: [
            "Make the list in the policy or in the layer shorter, with networks and ranges of ports.", "Name an approver whom both name.",
        ],
        related: ["R127", "R203"])
}
