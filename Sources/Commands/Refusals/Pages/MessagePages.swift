/// D201 to D213: what is not forwarded whatever the rules say.
enum MessagePages {
    static let methodDenied = CodePage(
        "D201", "the method is denied, whatever the policy says",
        meaning: """
            The method, or the kind of a result, is known, and no key of a policy permits it: tasks of what a server asks of a client, and results
            that are neither one nor a question nor a task.
            """,
        example: .message("tasks/get, of a server", answer: "blocked by sandboxd (D201): the policy denies tasks/get"),
        why: "An answer that comes back by another way than its question would pass whatever is decided about the question.",
        waysOut: ["Ask without a task."],
        related: ["D202", "D110", "D224"])

    static let methodUnknown = CodePage(
        "D202", "no method of this protocol version",
        meaning: "No version of MCP that the gate knows, or not the one that this session speaks, has the method.",
        why: "The gate cannot judge what it cannot read; extensions would be a tunnel past every rule.",
        waysOut: ["Use a method of the agreed protocol version.", "Check the client's or server's version."],
        related: ["D201", "D212"])

    static let notJSON = CodePage(
        "D203", "the line is not one strict JSON document",
        meaning:
            "A syntax error, bytes that are not UTF-8, a member that stands twice, raw control characters, or nesting beyond the bound.",
        example: .message(
            "{\"method\":\"ping\",\"method\":\"tools/call\"}",
            answer: "blocked by sandboxd (D203): the line is not one strict JSON document in UTF-8"),
        why: "Parsers differ about such texts, and so the gate and the server could see two different messages.",
        waysOut: [
            "Write JSON by a library, one message per line, each member once.",
            "Print nothing else to standard output: logs belong on standard error.",
        ],
        related: ["D204", "D205", "D213"])

    static let lineTooLong = CodePage(
        "D204", "the line is too long",
        meaning: "A message has more bytes than the gate takes in one line, line end included.",
        why: "Each line is read whole before it is judged, in bounded memory.",
        waysOut: ["Send less at once: a path or a resource instead of its content.", "Split the work over several calls."],
        related: ["D203"])

    static let notMessage = CodePage(
        "D205", "JSON, but no JSON-RPC message",
        meaning: "The document is no JSON-RPC 2.0 request, notification or response, or a mixture of them.",
        why: "A message that is request and response at once is treated differently by each reader.",
        waysOut: ["Give `jsonrpc: \"2.0\"`, and either `method` or exactly one of `result` and `error`."],
        related: ["D203", "D207"])

    static let batch = CodePage(
        "D206", "a batch of messages",
        meaning: "The line is an array, or a message in an array that may not be there. Batches were part of MCP 2025-03-26 alone.",
        why: "Where batches are not part of the protocol, one reader takes an array apart and another does not.",
        waysOut: [
            "Send one message per line.", "Agree on 2025-03-26; then each message of a batch is judged for itself.",
            "Put no `initialize` and no array into a batch.",
        ],
        related: ["D205"])

    static let badID = CodePage(
        "D207", "the id is missing, or of a form that cannot be matched",
        meaning: "A request needs an id that is a string or an integer within ±2^53; a notification has none.",
        why: "Answers are matched to requests by id; ids that readers round or convert would let an answer reach the wrong request.",
        waysOut: ["Use small integers or strings, each once."],
        related: ["D208", "D205"])

    static let idInUse = CodePage(
        "D208", "the id belongs to a request that is pending",
        meaning: "Another request under the same id has not been answered yet.",
        why: "The next answer would belong to both of them, and a receipt could not say to which.",
        waysOut: ["Use each id once per session."],
        related: ["D207", "D210"])

    static let tokenInUse = CodePage(
        "D215", "the progress token belongs to a request that is pending",
        meaning: "Another request of the same side with the same `progressToken` has not been answered yet.",
        why: "What is told under the token could be about either of them; the protocol wants tokens that are unique among active requests.",
        waysOut: ["Use a token once, such as the id of its request."],
        related: ["D208", "D211"])

    static let badParameters = CodePage(
        "D209", "the parameters have not the form that the method prescribes",
        meaning: "A member is missing or has another type than the protocol says, such as `tools/call` whose `arguments` is a list.",
        why: "Rules look at members by name and type. What is found elsewhere could not be judged.",
        waysOut: ["Compare with the schema of the agreed protocol version."],
        related: ["D205", "D104"])

    static let unexpectedResponse = CodePage(
        "D210", "a response to nothing that was asked",
        meaning: "No request under this id waits for an answer: it was answered already, cancelled, or never sent.",
        why: "An answer that nobody asked for is a message of the sender's choice, past every rule about requests.",
        waysOut: ["Answer each request once, under its own id."],
        related: ["D208", "D211"])

    static let unexpectedNotification = CodePage(
        "D211", "a notification about nothing that is known",
        meaning: "Progress or a cancellation names a request that the receiver does not have pending.",
        why: "It could only confuse the receiver, or be meant to.",
        waysOut: ["Send it while the request is pending, with its token or id."],
        related: ["D210"])

    static let wrongSide = CodePage(
        "D212", "this side may not send this now",
        meaning: "The message exists, but in this version of the protocol only the other side sends it, or only at another time.",
        why: "A server that could send a client's messages would call tools, and a client that could send a server's would forge results.",
        waysOut: ["Check which side of the protocol the program implements, and whether it was initialized."],
        related: ["D202", "D201"])

    static let unterminatedLine = CodePage(
        "D213", "the last line has no end",
        meaning: "The sender closed its end, or died, in the middle of a line.",
        why: "Half a message may read as a whole one of another meaning.",
        waysOut: ["End every message with a line feed, the last one too.", "See why the sender ended."],
        related: ["D203", "D302"])

    static let unknownVersion = CodePage(
        "D214", "a version of the protocol that is not known",
        meaning: "A request says, or a server agreed on, a version of MCP that this gate does not know.",
        why: "What a message may do depends on its version; one that the gate cannot read as the other side does is not passed on.",
        waysOut: [
            "Use one of 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28; the answer names those that can be used.",
            "See whether a newer sandboxd knows it.",
        ],
        related: ["D202", "D206"])
}
