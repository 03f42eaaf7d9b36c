extension Grammar {
    static let tools = Shape.record([
        .optional("default", .words("deny", "ask", "allow")),
        .optional("pins", .words("first-seen", "required")),
        .optional("rules", .list(rule)),
    ])

    private static let rule = Shape.record([
        .optional("id", .text(.name)),
        .required("tools", .list(.text(.pattern))),
        .required("effect", .words("allow", "ask", "deny")),
        .optional("arguments", .schema),
        .optional("when", .part(.condition)),
        .optional("limit", limit),
        .optional("budget", budget),
        .optional("redact", .list(.text(.pointer))),
        .optional("reason", .text(.prose)),
        .optional("labels", .table(names: .name, .text(.verbatim))),
        .optional("hidden", .flag(enforced: [true, false])),
    ])

    private static let limit = Shape.record([
        .required("calls", .integer(1...Int.max)),
        .required("per", .words("second", "minute", "hour", "day", "session")),
    ])

    private static let budget = Shape.record([
        .required("name", .text(.name)),
        .required("of", .text(.pointer)),
        .required("limit", .amount),
        .required("per", .words("session", "day")),
    ])

    static let condition = Shape.record(
        [
            .optional("all", .list(.part(.condition))),
            .optional("any", .list(.part(.condition))),
            .optional("not", .part(.condition)),
            .optional("argument", .text(.pointer)),
        ] + operators)

    static let operators: [Shape.Field] = [
        .optional("equals", .json),
        .optional("in", .list(.json)),
        .optional("below", .number),
        .optional("at_most", .number),
        .optional("above", .number),
        .optional("at_least", .number),
        .optional("starts_with", .text(.verbatim)),
        .optional("ends_with", .text(.verbatim)),
        .optional("contains", .json),
        .optional("matches", .text(.expression)),
        .optional("exists", .flag(enforced: [true, false])),
        .optional("inside", .list(.text(.path))),
        .optional("host_in", .list(.text(.hostPattern))),
        .optional("each", .part(.operators)),
    ]
}
