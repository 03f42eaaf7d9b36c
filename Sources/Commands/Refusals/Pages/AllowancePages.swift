/// D106 to D109: what rules that allow a call ask of it.
enum AllowancePages {
    static let limitSpent = CodePage(
        "D106", "as many calls as a rule's limit allows were made",
        meaning: """
            A rule that applies has a `limit`, and so many calls were forwarded within its period that one more would be too many. The period
            slides: in no second, minute, hour or day are more forwarded. Calls that were blocked do not count.
            """,
        example: .message(
            "tools/call save_note {\"path\": \"a.md\"}",
            answer: "Blocked by sandboxd (D106): the policy's rule `save` forwards 30 calls per minute, and these are made."),
        why: "A limit that starts anew at each full minute would forward twice as many around it.",
        waysOut: ["Try again later.", "Raise `calls`, or choose another `per`."],
        related: ["D107"])

    static let budgetSpent = CodePage(
        "D107", "the call takes more than is left of a budget",
        meaning: """
            A rule that applies has a `budget`, and what it has let through so far, together with this call's amount, is above its `limit`. The
            sum is of exact decimals. Calls that were not forwarded do not count; what the server answers gives nothing back. A budget per day is
            one for all sessions of a user under policies of its policy's name, and starts anew at midnight UTC.
            """,
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer:
                "Blocked by sandboxd (D107): the call takes more than is left of the budget `refunds`, which the policy's rule `big-refund` charges."
        ),
        why: "Many small amounts are one large amount, and a model can send many.",
        waysOut: [
            "Ask for less.", "Raise the budget's `limit`.",
            "See `sandboxctl budgets list`; `sandboxctl budgets reset` starts those per day anew.",
        ],
        related: ["D106", "D108"])

    static let badAmount = CodePage(
        "D108", "what a budget is charged with is no amount",
        meaning: """
            A rule that applies charges a budget with an argument that is missing, no number, negative, or under a name that another argument's
            differs from only by case.
            """,
        example: .message(
            "tools/call refund {\"amount\": \"900\"}",
            answer: """
                Blocked by sandboxd (D108): the policy's rule `big-refund` charges the budget `refunds` with the argument `/amount`, which must be
                a plain number that is not negative.
                """),
        why: "A text, or a negative number, that counted as nothing would make the budget a wish.",
        waysOut: [
            "Send the amount as a number.", "Require it with the rule's `arguments`, so that models learn of it.",
            "Let `of` name the argument that carries the amount.",
        ],
        related: ["D107", "D104"])

    static let ambiguousRedaction = CodePage(
        "D109", "it is not clear which argument a rule masks",
        meaning: """
            A rule's `redact` names an argument, and the call has one whose name differs from it only by case, or ends at a zero character: some
            servers take them for the same.
            """,
        example: .message(
            "tools/call pay {\"card\": \"4111\", \"Card\": \"4111\"}",
            answer: """
                Blocked by sandboxd (D109): the policy masks the argument `/card`, and names that differ only by case leave open which one is meant.
                """),
        why: "What was masked under one name would reach the server under the other.",
        waysOut: ["Send each argument once, under the name that the tool gives it."],
        related: ["D104"])
}
