import Policy

/// R113 to R124: values, and what they refer to.
enum ValuePages {
    static let badPattern = CodePage(
        "R113", "not a pattern over tool names",
        meaning:
            "In tool names only `*` stands for more than itself, and the whole name must match. `?`, `[…]` and `{…}` mean nothing here.",
        example: .policy("sandboxd: 1\nname: notes\ntools:\n  rules:\n    - {id: look, tools: [\"get_?\"], effect: allow}"),
        why:
            "A wildcard that is read as a letter selects other tools than its writer thinks. A value of a variable is data, so that a `*` in it is none.",
        waysOut: ["Use `*`.", "List the names one by one."],
        related: ["R123", "R115"])

    static let badEndpoint = CodePage(
        "R114", "not an endpoint that the kernel can be told",
        meaning: """
            An endpoint is `ADDRESS:PORT`, `[ADDRESS6]:PORT`, `NETWORK/PREFIX:PORT`, `*:PORT` or `public:PORT`; PORT is a number, a range `n-m`
            or `*`. Names of hosts, networks with host bits set, link-local addresses, port 0 and IPv4 addresses in IPv6 form are none.
            """,
        example: .policy("sandboxd: 1\nname: notes\negress: {tcp: [\"api.weather.gov:443\"]}"),
        why: """
            The kernel sees addresses and ports, never names; what a name means changes under it. A link-local address means another host on
            each interface, and host bits are a typing error more often than a wish.
            """,
        waysOut: [
            "Write the address and the port.", "Write a network without host bits: `10.0.0.0/8:5432`.",
            "Write `public:443` for everything but loopback, private and local addresses.",
        ],
        needs: "For names: `egress.names`, held by the session's name proxy.",
        related: ["R110", "R130", "R203"])

    static let badName = CodePage(
        "R130", "not a name that the name proxy can judge",
        meaning: """
            An entry of `egress.names` is `NAME:PORT`, `*.NAME:PORT` (every name that ends so) or `*:PORT` (every name); PORT is a number, a range
            `n-m` or `*`. `plain:` before it permits what is not TLS, too. A name is labels of ASCII letters, digits, `-` and `_`; addresses,
            a dot at the end, and `*` elsewhere are none.
            """,
        example: .policy("sandboxd: 1\nname: notes\negress: {names: [\"https://api.weather.gov/\"]}"),
        why: """
            A proxy and a server that read one name differently are a way around the policy. So a name has one spelling, and what some
            reader would take for an address belongs under `egress.tcp`.
            """,
        waysOut: [
            "Write the name and the port: `api.weather.gov:443`.", "Write a name beyond ASCII as its A-labels: `xn--…`.",
            "Write an address under `egress.tcp`.",
        ],
        related: ["R114", "R120"])

    static let badVariable = CodePage(
        "R115", "a variable that is unknown, misplaced or without value",
        meaning: """
            There are `${home}`, `${cwd}`, `${runtime}`, `${server}` and the declared `inputs`. A variable is a whole value, or the beginning of a
            path. It is expanded once, before anything is judged.
            """,
        example: .policy("sandboxd: 1\nname: notes\ninputs: {project: \"${cwd}\"}\nfiles: {read: [\"${proejct}\"]}"),
        why:
            "A variable in the middle of a value could change what the rest of it means; an unknown one would expand to nothing, which may be `/`.",
        waysOut: [
            "Check the spelling, or declare it under `inputs`.", "Let it be the whole value or begin a path: `${project}/data`.",
            "Write the value out. `${runtime}` needs XDG_RUNTIME_DIR, `${server}` a command.",
        ],
        related: ["R116", "R123"])

    static let badInput = CodePage(
        "R116", "an input without a value, or a value without an input",
        meaning: """
            An input whose default is `null` must be given with `--set NAME=VALUE`; a value for an input that the policy does not declare is
            refused; an input may not bear the name of a variable that always exists.
            """,
        example: .policy("sandboxd: 1\nname: notes\ninputs: {project: null}\nfiles: {read: [\"${project}\"]}"),
        why: "A value that is silently missing, or silently unused, means that a policy other than the intended one is held.",
        waysOut: ["Give it: `--set project=DIR`.", "Give the input a default in the policy.", "Remove the `--set`, or declare the input."],
        related: ["R115"])

    static let badInclude = CodePage(
        "R117", "an included document that is not found, or includes itself",
        meaning: "`include` names a file beside the policy, with or without `.yaml`, or a shipped preset such as `runtime-python`.",
        example: .policy("sandboxd: 1\nname: notes\ninclude: [runtime-pyhton]"),
        why: "A policy without one of its parts is another policy.",
        waysOut: [
            "Check the spelling.", "Give the path as seen from the policy's own directory.",
            "Break the circle, where the refusal names one.",
        ],
        related: ["R101", "R118"])

    static let conflictingIncludes = CodePage(
        "R118", "two documents give one key different values",
        meaning:
            "Lists of included documents are united; single values must agree. Here two documents disagree, and both places are named.",
        example: .policy(
            "sandboxd: 1\nname: notes\ninclude: [base]\nprocesses: {spawn: any}",
            includes: ["base": "sandboxd: 1\nprocesses: {spawn: none}"]),
        why: "If one of them won, a line that a reviewer reads would not be in force, and nothing would say so.",
        waysOut: ["Remove the value from one of them.", "Let both say the same."],
        related: ["R106", "R117"])

    static let tooLarge = CodePage(
        "R119", "the policy is too large, too deep or has too many parts",
        meaning: "Bytes, nesting, nodes, includes and the size of values are bounded. The refusal names the bound that was met.",
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles:\n  read: " + String(repeating: "[", count: 70) + String(repeating: "]", count: 70)),
        why: "Policies come from elsewhere, too. Whatever is read must end in bounded time and memory, before any of it is trusted.",
        waysOut: ["Use directories instead of many files, networks and ranges instead of many addresses.", "Split the policy by server."],
        related: ["R105"])

    static let notEnforcedYet = CodePage(
        "R120", "the grammar has it, and this version cannot hold it yet",
        meaning: """
            The key or value is part of the grammar and its meaning is fixed, but the gate or the launcher of this version has no way to enforce
            it. It is judged last: a policy refused for this alone is right in everything else.
            """,
        example: .policy("sandboxd: 1\nname: notes\negress: {names: [\"api.example.com:443\"], tcp: [\"10.0.0.0/8:5432\"]}"),
        why: "A clause that is read and not enforced is worse than none, because people rely on it.",
        waysOut: [
            "Leave it out, if the policy is right without it.", "Say something narrower that is enforced; the README lists both.",
            "Keep the policy for the version that enforces it.",
        ],
        needs: "A later version of sandboxd.",
        related: ["R108", "R201"])

    static let badArgumentSchema = CodePage(
        "R121", "a rule's `arguments` are no schema that can be enforced",
        meaning: """
            `arguments` is JSON Schema 2020-12. Refused are keywords that are unknown or need annotations of others (`unevaluatedProperties`),
            references that leave the document or lead back to themselves, formats that are not checked, and patterns that RE2 cannot match.
            """,
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - id: save
                  tools: [save_note]
                  effect: allow
                  arguments: {type: object, unevaluatedProperties: false}
            """),
        why: "JSON Schema itself says that unknown keywords are ignored. Here an ignored keyword would be a permission.",
        waysOut: [
            "Say it with other keywords: `additionalProperties: false` instead of `unevaluatedProperties`.",
            "Write patterns without lookaround and backreferences.", "Bring references into `$defs`: `#/$defs/NAME`.",
        ],
        related: ["R113", "D102"])

    static let duplicateRule = CodePage(
        "R122", "two rules have one id",
        meaning: "Receipts, denials and `explain` name rules by their id, across all included documents.",
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - {id: look, tools: [get_note], effect: allow}
                - {id: look, tools: [list_notes], effect: allow}
            """),
        why: "A receipt that names a rule must name one rule.",
        waysOut: ["Name one of them otherwise.", "Unite them: one rule may list several tools."],
        related: ["R106", "R118"])

    static let badPath = CodePage(
        "R123", "not a path that can be granted",
        meaning: "A granted path is absolute once variables are expanded, and no pattern. A directory reaches all that is beneath it.",
        example: .policy("sandboxd: 1\nname: notes\nfiles: {read: [\"/home/ann/*.txt\"]}"),
        why: """
            The kernel is told inodes, not patterns: files that match later would not be reachable, or, worse, files that stop matching would
            stay so. A relative path means something else in each directory.
            """,
        waysOut: [
            "Name the directory that holds the files.", "Begin with `/`, `${home}`, `${cwd}` or an input.",
            "List the files one by one.",
        ],
        related: ["R115", "R301", "R307"])

    static let loaderVariable = CodePage(
        "R124", "a variable that decides what code the server loads",
        meaning: "`LD_PRELOAD`, `NODE_OPTIONS`, `PYTHONPATH` and their kind may not be passed on from the caller's environment.",
        example: .policy("sandboxd: 1\nname: notes\nserver: {env: {pass: [LD_PRELOAD]}}"),
        why: "Whoever sets such a variable chooses the program. The policy would then confine another server than it names.",
        waysOut: ["Give it a fixed value under `env.set`, where the policy's reader sees it.", "Leave it out."],
        related: ["R406"])

    static let badCombination = CodePage(
        "R125", "keys that do not go together",
        meaning: """
            Each key is known, and in one mapping they make no sense together, or one is missing that the others need: a condition that asks of
            no argument, two forms of condition in one, a test that is both a call and an act.
            """,
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - {id: look, tools: [get_note], effect: allow, when: {equals: work}}
            """),
        why: "Any reading of such a mapping drops one of its keys, and the one that is dropped may be the restriction.",
        waysOut: [
            "Add the key that is missing: `{argument: /tag, equals: work}`.", "Put several conditions into the list of an `all` or `any`.",
        ],
        related: ["R107", "R111"])

    static let badExpression = CodePage(
        "R126", "a regular expression that cannot be used",
        meaning:
            "`matches` takes a regular expression in the syntax of RE2. It has a mistake, or uses what RE2 does not have: look-around, back references.",
        example: .policy(
            """
            sandboxd: 1
            name: notes
            tools:
              rules:
                - id: look
                  tools: [get_note]
                  effect: allow
                  when: {argument: /path, matches: "^(?!secret)"}
            """),
        why:
            "RE2 answers in time that is linear in the text. With the expressions it lacks, a caller could choose a text that takes hours to judge.",
        waysOut: [
            "Write it without look-around and back references.", "Turn it round: `not: {argument: /path, matches: \"^secret\"}`.",
            "Use `in` or `inside` where these say it.",
        ],
        related: ["R121", "R113"])
}
