/// R140 to R142: rules that ask for what cannot be judged.
enum RulePages {
    static let badCondition = CodePage(
        "R140", "a condition that cannot be judged exactly",
        meaning: """
            A rule's `when` compares with something that programs do not agree on: a path with a backslash or a space at its end, a host that some
            take for an address and others for a name. Or it is nested too deep.
            """,
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - {id: pay, tools: [pay], effect: allow, when: {argument: /book, inside: ["/srv/books "]}}
            """),
        why: "A condition that is true in the gate and false in the server protects nobody.",
        waysOut: [
            "Write paths without `~`, backslashes, control characters and spaces at their ends.",
            "Write hosts as `api.example.org`, `*.example.org`, `203.0.113.10` or `10.0.0.0/8`.",
            "Split a deep condition into several rules.",
        ],
        related: ["R125", "R126", "D104"])

    static let badBudget = CodePage(
        "R141", "a budget without clear terms",
        meaning: """
            A budget's `limit` is an amount of at least 0 that every program reads alike. Rules that name the same budget share it, and must give
            it the same `limit` and the same `per`.
            """,
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - {id: a, tools: [pay], effect: allow, budget: {name: money, of: /amount, limit: 20, per: session}}
                - {id: b, tools: [send], effect: allow, budget: {name: money, of: /sum, limit: 30, per: session}}
            """),
        why: "Of two limits of one budget, whichever were taken, the other one's author would be wrong about what can be spent.",
        waysOut: ["Give the budget the same terms everywhere.", "Give one of them another name, so that each is summed up for itself."],
        related: ["D107", "D108"])

    static let redactsEverything = CodePage(
        "R142", "a mask over all arguments at once",
        meaning: "An empty pointer in `redact` names the arguments as a whole. A tool takes an object, and a masked value is a string.",
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - {id: pay, tools: [pay], effect: allow, redact: [""]}
            """),
        why: "No server could do anything with such a call but fail, and a failure is harder to understand than a denial.",
        waysOut: ["Name the arguments that the server must not see: `redact: [/card, /owner/birthday]`.", "Deny the tool."],
        related: ["D109"])
}
