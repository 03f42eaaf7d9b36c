import Policy

/// R101 to R112: the document as such.
enum TextPages {
    static let unreadable = CodePage(
        "R101", "the policy cannot be read",
        meaning: """
            The file that was named is not there, may not be read by you, is no regular file, or is larger than a policy may be. A name without
            a `/` and without an ending is looked for in `./.sandboxd`, `$XDG_CONFIG_HOME/sandboxd/policies`, `/etc/sandboxd/policies` and
            among the shipped policies, in this order. A name that stands in one of the first two and in another place as well means none of
            them: a project, or a session that may write there, could else put another policy in the place of one that is in use.
            """,
        example: .command("sandboxctl check notse.yaml", .unreadable, ["file": "notse.yaml", "error": "ENOENT"]),
        why: "Files are read as you, never by the daemon: what you may not read, it does not read for you.",
        waysOut: [
            "Check the spelling, and that the path is seen from the directory you are in.",
            "For a file write a path with `/` or an ending; a bare word is looked for as a name.",
            "Check who may read the file and search its directories.",
        ],
        related: ["R117", "R301"])

    static let notYAML = CodePage(
        "R102", "the text is not YAML",
        meaning: """
            The parser stopped at the place shown. The mistake often stands earlier: a bracket or quote that is never closed, a tab used
            for indentation, a `:` inside an unquoted value.
            """,
        example: .policy("sandboxd: 1\nname: notes\nfiles: {read: [/usr/share/dict}"),
        why: "A text that can be read in two ways could permit what its writer never meant; it is read in one way or not at all.",
        waysOut: [
            "Look at the line shown and the one above it: indentation, quotes, brackets.",
            "Put values with `:`, `#`, `*`, `[` or `{` in quotes.",
        ],
        related: ["R103", "R104", "R109"])

    static let badCharacters = CodePage(
        "R103", "the text holds characters that hide or mislead",
        meaning: """
            Somewhere stands a control character, a byte order mark, a line separator that editors and YAML disagree on, a character that
            changes the reading direction, a code point that is no character, or bytes that are not UTF-8.
            """,
        example: .policy("sandboxd: 1\nname: notes\ndescription: \"read \u{202e}only\""),
        why: """
            What a person reviews must be what the machine reads. With such characters a line can look harmless in a review and
            mean something else.
            """,
        waysOut: [
            "Remove the character; the caret stands beneath it and shows its number.",
            "Save the file as UTF-8 without a byte order mark.",
        ],
        related: ["R102"])

    static let severalDocuments = CodePage(
        "R104", "more than one YAML document",
        meaning: "A `---` begins a second document in the same file. A policy is exactly one.",
        example: .policy("sandboxd: 1\nname: notes\n---\nsandboxd: 1\nname: other"),
        why: "Which of the two would hold? Tools differ in whether they read the first, the last or all.",
        waysOut: ["Remove the line `---`.", "Put the second policy into a file of its own, or `include` it."],
        related: ["R102", "R106"])

    static let anchorOrTag = CodePage(
        "R105", "an anchor, alias, merge key or tag",
        meaning:
            "YAML can name a value (`&name`), repeat it (`*name`), merge mappings (`<<`) and give values types (`!tag`). A policy uses none of these.",
        example: .policy("sandboxd: 1\nname: notes\nfiles: {read: &data [/usr/share/dict]}"),
        why: """
            What a clause says must stand where it is read. An alias moves it elsewhere, can grow a small file without bound, and a tag can
            change what a value is.
            """,
        waysOut: [
            "Write the value out.", "Declare an input and use it as `${name}`.",
            "Put what is shared into a document of its own and `include` it.",
            "A text that only begins with `&`, `*` or `!` goes into quotes.",
        ],
        related: ["R115", "R117"])

    static let duplicateKey = CodePage(
        "R106", "a key stands twice in one mapping",
        meaning: "The same key is given again; the first place is named in the refusal.",
        example: .policy("sandboxd: 1\nname: notes\negress: {tcp: none}\negress: {tcp: any}"),
        why: "YAML leaves open which of the two counts, and readers differ. Here one of them would widen the policy unseen.",
        waysOut: ["Keep one of them.", "Unite lists under a single key."],
        related: ["R118", "R122"])

    static let unknownKey = CodePage(
        "R107", "a key that the grammar does not have",
        meaning: "The key is misspelt, stands one level too high or too low, or was invented. Where a known key is close, it is suggested.",
        example: .policy("sandboxd: 1\nname: notes\nfiles: {reed: [/usr/share/dict]}"),
        why: "A restriction under a misspelt key would be no restriction. So unknown keys are refused, never skipped.",
        waysOut: [
            "Take the suggestion, if it is what was meant.", "Check the indentation: the key may belong to the mapping above or below.",
            "Remove the key.",
        ],
        related: ["R108", "R110", "R120"])

    static let foreignKey = CodePage(
        "R108", "a key of another tool or of a later version",
        meaning:
            "The key is known, but not to this grammar: other tools use it in policies of their own, or a later version of sandboxd will.",
        example: .policy("sandboxd: 1\nname: notes\nroles: {admin: [ann]}"),
        why: "Its writer meant something by it. Ignoring it could permit more than the text says.",
        waysOut: [
            "Remove it, and say the same with the keys of this grammar.", "Use the version of sandboxd that the policy was written for.",
        ],
        needs: "A version of sandboxd whose grammar has the key.",
        related: ["R107", "R120"])

    static let wrongType = CodePage(
        "R109", "a value of the wrong type",
        meaning: """
            The key takes text and was given a number, a list and was given a single value, or the like. YAML guesses types: `8080` is a
            number, `yes` and `on` are true or false to some readers, `1.10` loses its last digit. A list of one is still a list.
            """,
        example: .policy("sandboxd: 1\nname: notes\nserver: {command: mcp-notes}"),
        why: "Turning one type into another means guessing, and the guess would become part of what is enforced.",
        waysOut: [
            "Write a list as `[a, b]`, and `[a]` where it has one item.", "Put text in quotes: `\"8080\"`.",
            "Write a mapping as `{key: value}`.",
        ],
        related: ["R110", "R112"])

    static let badValue = CodePage(
        "R110", "a value that its key does not take",
        meaning: "The type is right and the value is not: a word that is none of the choices, a number out of bounds, a size without unit.",
        example: .policy("sandboxd: 1\nname: notes\ntools:\n  rules:\n    - {id: look, tools: [get_note], effect: alow}"),
        why: "There is no nearest meaning: each value is enforced as it is written or the policy is refused.",
        waysOut: ["Use one of the values that the refusal lists.", "Take the suggestion, where there is one."],
        related: ["R107", "R109", "R120"])

    static let missingKey = CodePage(
        "R111", "a key is missing that must be given",
        meaning:
            "A mapping lacks a key without which it says nothing, such as a rule without an `effect`, or a document without `sandboxd: 1`.",
        example: .policy("sandboxd: 1\nname: notes\ntools:\n  rules:\n    - {id: look, tools: [get_note]}"),
        why: "A default would have to allow or deny on its own; what allows is always written out.",
        waysOut: ["Add the key that the refusal names."],
        related: ["R107", "R112"])

    static let empty = CodePage(
        "R112", "an empty list, text or document",
        meaning: "Something was given and left empty: a rule for no tools, a list of no endpoints, a file without content.",
        example: .policy("sandboxd: 1\nname: notes\ntools:\n  rules:\n    - {id: look, tools: [], effect: allow}"),
        why: "To one reader an empty selection selects nothing, to another everything. Absence already means that nothing is permitted.",
        waysOut: ["Give it a value.", "Leave the key out, or write `none` where the key takes it."],
        related: ["R109", "R111"])
}
