import Policy

/// Pages on what only the later parts of the grammar can get wrong.
enum ConditionPages {
    static let badCombination = CodePage(
        "R125", "keys that do not go together",
        meaning: "Each key is known and has a value that it takes, but one mapping holds two that contradict each other, or none of several.",
        example: .command(
            "sandboxctl check notes.yaml", .badCombination, ["place": "tools.rules[0].when", "problem": "severalForms", "key": "any"]),
        why: "There would be two readings, and only one of them could be enforced.",
        waysOut: ["Keep one of the keys.", "Put several conditions into the list of an `all` or an `any`."],
        related: ["R107", "R111"])

    static let badExpression = CodePage(
        "R126", "a regular expression that RE2 does not take",
        meaning: "The text under `matches` is malformed, or uses what RE2 leaves out: look-around, back references, counts that are too large.",
        example: .command(
            "sandboxctl check notes.yaml", .badExpression,
            ["place": "tools.rules[0].when.matches", "pattern": "(?=n)", "why": "invalid perl operator: (?="]),
        why: "RE2 takes time that grows with the text and not with the pattern, so that no call can hold up the gate.",
        waysOut: ["Write it without look-around and back references.", "Use `starts_with`, `ends_with`, `contains` or `in`."],
        related: ["R121"])

    static let noNameserver = CodePage(
        "R310", "no nameserver for `dns: host`",
        meaning: """
            `egress.dns: host` permits port 53 of the nameservers that /etc/resolv.conf names when the session is compiled. It names none
            that a clause can name; link-local ones cannot be named, since their address means nothing without an interface.
            """,
        example: .command("sandboxctl check notes.yaml", .noNameserver, ["file": "/etc/resolv.conf"]),
        why: "With no nameserver the clause would permit nothing, and the server would wait for answers that cannot come.",
        waysOut: ["Name a nameserver in /etc/resolv.conf.", "Write `dns: none`, and addresses under `egress`."],
        related: ["R114"])
}
