/// D110, D111, D221 to D223: messages that are no tool calls, and what servers ask of clients.
enum KindPages {
    static let kindDenied = CodePage(
        "D110", "no message of this kind is permitted",
        meaning: """
            The policy's `messages`, or a layer's, permits nothing of the kind: resources, prompts, sampling, elicitation or roots. Neither side is
            told that the other could do it, and asks only if it does not look.
            """,
        example: .message("sampling/createMessage", answer: "blocked by sandboxd (D110): the policy permits no sampling"),
        why: "What is not a tool call is a way in or out as well, so that absent means denied.",
        waysOut: ["Permit it under `messages`, as narrowly as it goes.", "Use a tool instead."],
        related: ["D111", "D201"])

    static let nameDenied = CodePage(
        "D111", "others of this kind are permitted, not this one",
        meaning: """
            The prompt's name or the resource's URI matches none of the patterns under `messages`, or the URI has no form that all programs read
            alike: `..` that leads out, encoded slashes, a host in a `file` URI, credentials.
            """,
        example: .message(
            "resources/read file:///etc/passwd",
            answer: "blocked by sandboxd (D111): the policy permits other resources, not resources/read"),
        why: "A server may serve more than it lists; what may be read is said by the policy, and compared after it was normalised.",
        waysOut: ["Read one of those that are listed.", "Add a pattern to `messages.resources` or `messages.prompts`."],
        related: ["D110"])

    static let unknownRound = CodePage(
        "D221", "an answer or a state that the server did not ask for",
        meaning: """
            A request was retried with `inputResponses` or `requestState`. Either the server asked for nothing of the kind, or it did so for another
            request, or other arguments, or the state is not byte for byte the one that it gave, or it was used already.
            """,
        example: .message(
            "tools/call with a requestState of one's own",
            answer: "Blocked by sandboxd (D221): it carries an answer or a state that the server did not ask for, or not for this request"),
        why: "Both members reach the server like arguments; what nobody asked for would be a channel that no rule looks at.",
        waysOut: ["Make the request anew without the two members.", "Answer just what was asked for, once, with the state unchanged."],
        related: ["D209", "D210"])

    static let notDeclared = CodePage(
        "D222", "the client did not declare that it can do this",
        meaning: """
            The server asks for sampling, sampling with tools, elicitation or roots, which the policy permits, and the client did not name it among
            its capabilities.
            """,
        example: .message(
            "elicitation/create in mode `url`", answer: "blocked by sandboxd (D222): the client did not declare that it can do this"),
        why: "A client that does not know a request may ignore it, or do something else with it than was meant.",
        waysOut: ["Use a client that declares the capability.", "See whether the server can do without."],
        related: ["D110", "D223"])

    static let badAddress = CodePage(
        "D223", "a person would be sent to an address that is no plain web address",
        meaning: "An elicitation by URL names something else than an http or https address with a host, or one with credentials in it.",
        why: "Clients open such addresses in a browser: other schemes start other programs, and credentials disguise the host.",
        waysOut: ["Have the server use an https address."],
        related: ["D222", "D110"])
}
