import Policy

/// Pages on tests of policies.
enum TestPages {
    static let testFailed = CodePage(
        "R150", "a test of the policy fails",
        meaning: """
            A policy may say under `tests` what it is meant to forward, hold or block, and which acts it is meant to permit or deny; so may
            a document beside it, NAME.tests.yaml. One of them comes out otherwise. Calls are decided as the gate decides them, each as the
            first of a session; acts are judged by what the policy permits, whatever the host.
            """,
        example: .command(
            "sandboxctl check notes.yaml", .testFailed, ["subject": "connect 192.0.2.1:443", "expected": "denied", "found": "permitted"]),
        why: "A policy that does not do what its author expects of it is a mistake on one side or the other.",
        waysOut: [
            "Correct the policy, where the test says what is meant.", "Correct the test, where the policy does.",
            "Ask `sandboxctl decide` which rule decides about a call, and why the others do not apply.",
        ],
        related: ["R151"])

    static let badAct = CodePage(
        "R151", "an act that is none",
        meaning: """
            The `act` of a test is a verb and what it is done to: `connect 192.0.2.1:443`, `connect unix:/run/x.sock`,
            `send udp [2001:db8::1]:53`, `bind 127.0.0.1:8080`, `read /path`, `list`, `write`, `create`, `remove`, `execute` and `chmod`
            likewise, or `spawn`. Addresses are single ones, paths are absolute.
            """,
        example: .command("sandboxctl check notes.yaml", .badAct, ["act": "fetch example.com", "problem": "unknownVerb"]),
        why: "A test that is not understood tests nothing.",
        waysOut: ["Write one of the acts above; variables of the policy may stand in it."],
        related: ["R150"])
}
