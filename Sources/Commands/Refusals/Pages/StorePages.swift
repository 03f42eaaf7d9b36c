import Policy

/// What depends on what sandboxd keeps of earlier sessions.
enum StorePages {
    static let storeUnavailable = CodePage(
        "D305", "what sandboxd keeps of earlier sessions cannot be used",
        meaning: """
            Day budgets, approvals and the definitions of tools outlive sessions: they lie in the file `store/sandboxd.sqlite` below the daemon's
            state directory. It could not be read or written: the disk is full, the file is damaged, or another process kept it locked.
            """,
        example: .message(
            "tools/call refund {\"amount\": 900}",
            answer: "Blocked by sandboxd (D305): sandboxd cannot read or write what it keeps of earlier sessions."),
        why: "A budget that began anew whenever its sum could not be read would be no budget.",
        waysOut: [
            "Make room below sandboxd's state directory.",
            "Where the file is damaged, move it away: day budgets, approvals and definitions then begin anew.",
        ],
        related: ["D301", "D304"])

    static let notOpened = CodePage(
        "R212", "a clause needs what sandboxd keeps of earlier sessions, and that cannot be used",
        meaning: """
            `effect: ask`, budgets per day and pins of tool definitions rest on a file that outlives sessions, `store/sandboxd.sqlite` below the
            daemon's state directory. A session whose policy has one of them does not start while that file cannot be opened and written.
            """,
        example: .command(
            "sandboxctl wrap --policy notes", .storeUnavailable,
            ["clause": "per: day", "path": "/var/lib/sandboxd/store", "problem": "no space is left for it"]),
        why: "A session that started without it would find each of its calls blocked, or would have to forget what was spent.",
        waysOut: [
            "Make room below sandboxd's state directory, and see that sandboxd may write there.",
            "Where the file is damaged, move it away: what it kept begins anew.",
            "A store that a later sandboxd wrote is read by that version only.",
        ],
        related: ["D305", "R202"])

    static let takenBack = CodePage(
        "D306", "the client cancelled a call before it was forwarded",
        meaning: "The call waited for sandboxd to answer, and the client sent `notifications/cancelled` for it. The server never saw it.",
        why: "Whoever cancels expects no answer; the receipt says what became of the call.",
        waysOut: ["Make the call again if it is still needed."],
        related: ["D107", "D304"])
}
