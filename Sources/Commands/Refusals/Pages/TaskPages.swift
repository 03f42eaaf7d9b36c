/// D224 to D226: calls that are answered with a task.
enum TaskPages {
    static let unknown = CodePage(
        "D224", "no call of this session became a task under this id",
        meaning: """
            A client asks after a task, wants its result, answers in it, ends it or listens for it, or a server tells of it, and the gate passed on
            no call that was answered with this id: nobody made it, another session did, its call was denied or cancelled, or it ended long ago.
            """,
        example: .message(
            "tasks/result {\"taskId\": \"somebody-elses\"}",
            answer: "blocked by sandboxd (D224): no call of this session became a task under this id"),
        why: "A task's result is the result of a call. One of a call that nobody decided about would pass every rule.",
        waysOut: [
            "Make the call in this session, and ask for what it was answered with.",
            "Ask while the task is remembered: one whose result was fetched gives way once there are 1,024.",
        ],
        related: ["D225", "D211"])

    static let unasked = CodePage(
        "D225", "a call was answered with a task that was not asked for",
        meaning: """
            In 2025-11-25 a call becomes a task where the client adds `task` to it; in 2026-07-28 where the client says, with the call, that it knows
            the extension `io.modelcontextprotocol/tasks`. The server answered with a task without that, or something else than a call with one.
            """,
        example: .message(
            "tools/call report {}",
            answer: "Blocked by sandboxd (D225): it was answered with a task, and the client had not asked for one."),
        why: "A client that knows no tasks takes the answer for the result, and nobody would ever fetch and inspect the real one.",
        waysOut: ["Make the call as a task.", "Use a server that answers as it was asked."],
        related: ["D224", "D226"])

    static let idInUse = CodePage(
        "D226", "a call was answered with the id of another call's task",
        meaning: "Ids of tasks are given by servers, each once. This one was given to another call of the session before.",
        example: .message(
            "tools/call report {}",
            answer: "Blocked by sandboxd (D226): it was answered with the id of another call's task."),
        why: "What comes under the id would be taken for the outcome of either call, and a receipt could not say of which.",
        waysOut: ["Have the server give each task an id of its own, that nobody can guess."],
        related: ["D224", "D225"])
}
