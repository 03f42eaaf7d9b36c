/// D101 to D105: what rules decide about calls.
enum GatePages {
    static let noRuleApplies = CodePage(
        "D101", "no rule allows the call",
        meaning: "No rule of the policy that names the tool applies to these arguments, and the default is `deny`.",
        example: .message(
            "tools/call drop_table {}", answer: "Blocked by sandboxd (D101): no rule of the policy allows the tool `drop_table`."),
        why: "A tool that nobody wrote a rule for was not judged by anybody.",
        waysOut: [
            "Add a rule: `{id: NAME, tools: [drop_table], effect: allow}`.", "Let the existing rule's `arguments` take these arguments.",
            "For the model: use a tool of `tools/list`, which shows only what may be called.",
        ],
        related: ["D102", "D105"])

    static let deniedByRule = CodePage(
        "D102", "a rule denies the call",
        meaning: "A rule with `effect: deny` applies. Of the rules that apply, deny comes before ask, and ask before allow.",
        example: .message(
            "tools/call delete_note {\"id\": 7}",
            answer: "Blocked by sandboxd (D102): the policy's rule `never` denies the tool `delete_note`: notes are deleted by people only."
        ),
        why: "Whatever else allows the call, somebody wrote down that it must not happen.",
        waysOut: [
            "Read the rule's `reason`, which is part of the answer.", "Narrow the rule's `tools` or `arguments`, if it reaches too far.",
        ],
        related: ["D101", "R121"])

    static let cannotAsk = CodePage(
        "D103", "a person must be asked, and nobody can be",
        meaning: """
            The rule's effect is `ask`, and there is no way to reach a person: the store of grants cannot be read, too many calls wait already, the
            session is older than the daemon and its record does not say who decides, or a server asks for it in the state of a task (2026-07-28),
            which nothing can hold.
            """,
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer:
                "Blocked by sandboxd (D103): the policy's rule `big-refund` asks a person first, and nobody can be asked in this session."),
        why: "A question that nobody answers is answered by no.",
        waysOut: ["Decide about what waits: `sandboxctl approvals list`.", "Restart the session.", "Do it by hand."],
        related: ["D121", "D122", "D304"])

    static let inexactNumber = CodePage(
        "D104", "an argument is a number that programs read differently",
        meaning: """
            The number cannot be carried exactly by the canonical form of JSON (RFC 8785), which has doubles: integers beyond 2^53, more digits
            than a double holds, exponents out of range.
            """,
        example: .message(
            "tools/call transfer {\"amount\": 9007199254740993}",
            answer:
                "Blocked by sandboxd (D104): the number 9007199254740993 is not read alike by all programs. The call was not made. Send the number as a string."
        ),
        why: "The rule would judge one number and the server act on another: 9007199254740993 is 9007199254740992 to many.",
        waysOut: ["Send it as a string, if the tool takes one.", "Send a number that a double holds."],
        related: ["D203", "D209"])

    static let badToolName = CodePage(
        "D105", "not a name that a tool may have",
        meaning: "A tool's name is 1 to 128 characters of `A-Za-z0-9_.-`.",
        example: .message(
            "tools/call \"get note\" {}",
            answer: "Blocked by sandboxd (D105): a tool name is 1 to 128 characters of A-Z, a-z, 0-9, `_`, `.` and `-`."),
        why: "Names that look alike and differ in bytes, or that hide characters, could slip past rules that name tools.",
        waysOut: ["Use the name as `tools/list` gives it.", "Rename the tool in the server."],
        related: ["D101"])

    static let evidenceUnavailable = CodePage(
        "D301", "the decision cannot be recorded",
        meaning: "The receipt could not be written to the session's spool.",
        why: "A receipt comes before what it tells of. What cannot be recorded is not done.",
        waysOut: ["See sandboxd's log, then start the session anew."],
        related: ["D307", "D308", "D309"])

    static let serverEnded = CodePage(
        "D302", "the server has ended",
        meaning: "The server's process ended before it answered, or before it was asked.",
        why: "For a call that was forwarded, whether it was carried out is not known, and the answer says so.",
        waysOut: ["See the server's last lines on standard error, and its exit status.", "Start the session anew."],
        related: ["D301"])

    static let policySuperseded = CodePage(
        "D310", "the policy was tightened, and the session is about to end",
        meaning: """
            `sandboxctl reload` took over a policy or a layer that permits less of what a running server cannot be taken away: files, what it may
            execute, its user, its environment. Nothing new is let through, what was begun may end, and then the session does.
            """,
        why:
            "What Landlock, the filter of system calls and mounts hold of a process is held for good: it cannot be made narrower from outside.",
        waysOut: [
            "Start the session anew: it is held to the new policy.", "`sandboxctl reload --dry-run` tells beforehand which sessions end.",
        ],
        related: ["D101", "D302"])

    static let tooManyPending = CodePage(
        "D303", "too many requests are pending",
        meaning: "More requests wait for their answers than the gate keeps track of.",
        why: "Whoever sends without reading could otherwise fill the gate's memory.",
        waysOut: ["Wait for answers, then send again.", "Check whether the server still answers."],
        related: ["D208"])
}
