/// D131 to D133: tools that are not what was accepted.
enum PinPages {
    static let drifted = CodePage(
        "D131", "the server says something else of a tool than what was accepted",
        meaning: """
            What a server says of a tool, all of it, is kept when it is first seen under the policy's and the server's name. This server said
            something else of it since: the tool is not shown, and its calls are blocked, until somebody looks, also where the server says the
            old thing again.
            """,
        example: .message(
            "tools/call add {\"a\": 1}",
            answer: "Blocked by sandboxd (D131): the server says something else of the tool `add` than what was accepted."),
        why: "A description is an instruction to the model: a server that was harmless yesterday can ask for secrets today.",
        waysOut: [
            "See the difference: `sandboxctl pins review`.",
            "Accept it: `sandboxctl pins accept ID`; or reject it, and ask who changed the server.",
        ],
        related: ["D132", "D133"])

    static let unreviewed = CodePage(
        "D132", "nobody has reviewed what the server says of a tool",
        meaning: """
            The policy has `pins: required`, and what the server says of the tool was not accepted by anybody: a first definition that was merely
            seen does not count.
            """,
        example: .message(
            "tools/call add {\"a\": 1}",
            answer: "Blocked by sandboxd (D132): nobody has reviewed what the server says of the tool `add`."),
        why: "Whoever writes `required` wants a person to read each description before a model does.",
        waysOut: ["Start a session and let the client list the tools; then `sandboxctl pins review` and `sandboxctl pins accept`."],
        related: ["D131"])

    static let oversized = CodePage(
        "D133", "what the server says of a tool is too large to be kept",
        meaning:
            "Definitions are kept whole and compared; this one has more than 64 KiB, and so the tool is not shown and cannot be called.",
        example: .message(
            "tools/call add {\"a\": 1}",
            answer: "Blocked by sandboxd (D133): what the server says of the tool `add` is too large to be kept and compared."),
        why: "What is not kept cannot be compared, and nobody could review it.",
        waysOut: ["Shorten the tool's description or schemas in the server."],
        related: ["D131"])
}
