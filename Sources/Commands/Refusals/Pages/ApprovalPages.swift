/// D121 to D125, and D304: what becomes of calls, and of what servers ask clients for, while they wait for a person.
enum ApprovalPages {
    static let deniedByPerson = CodePage(
        "D121", "a person denied it",
        meaning: """
            A rule with `effect: ask` applies to the call, or `messages` says `ask` about what the server asks the client for, and somebody who may
            decide said no: in the client's own window, where closing it counts as no, or with `sandboxctl approvals deny`.
            """,
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer:
                "Blocked by sandboxd (D121): the policy's rule `big-refund` asks a person first, and alice (uid 1000) denied the tool `refund`: wait for Monday."
        ),
        why: "Whoever was asked knows more than the rule.",
        waysOut: [
            "For the model: do without, or ask the user what to do instead.",
            "Make the call again, if the answer would be another: it is asked anew. A server may ask again, too.",
        ],
        related: ["D103", "D122"])

    static let awaitsApproval = CodePage(
        "D122", "nobody has decided yet; ask for the same again later",
        meaning: """
            A call waits in line for `approvals.wait` (45 seconds), since clients give up on calls that take longer. Then it is answered, and the
            question stays open for `approvals.within` (15 minutes): who approves it then permits the next call of the same tool with the same
            arguments, by the same user, to the same server, under the same policy, once. The same holds for what a server asks the client for
            (`messages: ask`): the server is told, and the next request of that kind with the same parameters is permitted, once.
            """,
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer:
                "Blocked by sandboxd (D122): the policy's rule `big-refund` asks a person first, and nobody has decided yet; the approval id is k7q2m-4x9dz. The call was not made. Retry the same call after approval, with the same arguments."
        ),
        why: "A call that is never answered is made twice by some clients, and forgotten by others.",
        waysOut: [
            "`sandboxctl approvals show ID`, then `approve` or `deny`.",
            "Tell whoever decides: `sandboxctl approvals watch --exec COMMAND`, or `sandboxd --notify`.",
            "Let it wait longer with `approvals.wait`, if the client does.",
        ],
        related: ["D121", "D123"])

    static let approvalExpired = CodePage(
        "D123", "nobody decided in time",
        meaning: "The question was open for `approvals.within`, and nobody answered it. What was asked about is not done later.",
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer: "Blocked by sandboxd (D123): the policy's rule `big-refund` asks a person first, and nobody decided in time."),
        why: "An old question is about a situation that has passed.",
        waysOut: ["Make the call again, if it is still needed."],
        related: ["D122"])

    static let tooLargeToAsk = CodePage(
        "D124", "the arguments are too long to be judged by a person",
        meaning: "A call, or a request of the server, that waits for a person has at most 64 KiB of canonical arguments.",
        example: .message(
            "tools/call send {\"text\": \"…\"}",
            answer:
                "Blocked by sandboxd (D124): the policy's rule `post` asks a person first, and the arguments are longer than what is shown to a person. The call was not made. Send less at a time."
        ),
        why: "Who approves what cannot be read approves something else.",
        waysOut: ["Send less at a time.", "Let a rule with `arguments` allow what needs no person."],
        related: ["D204"])

    static let questionClosed = CodePage(
        "D125", "an answer to a question that is not open",
        meaning: """
            In protocol version 2026-07-28 a question is answered by making the call again with `inputResponses` and `requestState`. The state is
            bound to tool, arguments, approval and time, signed with a key of the session, and good for one call.
            """,
        example: .message(
            "tools/call refund {\"amount\": 9000}, with the state of another call",
            answer:
                "Blocked by sandboxd (D125): the call carries an answer to a question that is not open, or that was not about these arguments."
        ),
        why: "An answer that could be used twice, or for other arguments, would be a permission that nobody gave.",
        waysOut: ["Make the call again without `inputResponses` and `requestState`."],
        related: ["D121", "D209"])

    static let daemonAbsent = CodePage(
        "D304", "sandboxd is needed for this, and does not answer",
        meaning:
            "Calls that wait for a person, and what several sessions share, are the daemon's. It was asked, and did not answer within 10 seconds.",
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer: "Blocked by sandboxd (D304): sandboxd, which would have to be asked, does not answer."),
        why: "What the gate can decide alone goes on while the daemon is replaced; what it cannot is blocked.",
        waysOut: ["Start sandboxd; it takes over the sessions that live.", "Start the session anew."],
        related: ["D103", "D301"])
}
