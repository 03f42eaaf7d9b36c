/// Every key of a policy, in the order in which documents are written (DESIGN section 3).
enum Grammar {
    static let version = 1

    static let policy = Shape.record(
        [
            .required("sandboxd", .integer(version...version)),
            .optional("name", .text(.name)),
            .optional("description", .text(.prose)),
            .optional("include", .list(.text(.includeName))),
            .optional("inputs", .table(names: .inputName, .either([.nothing, .text(.verbatim)]))),
            .optional("server", server),
        ] + tightening + [.optional("tests", .list(.part(.test)))])

    /// What a layer may say too.
    static let tightening: [Shape.Field] = [
        .optional("tools", tools),
        .optional("messages", messages),
        .optional("egress", egress),
        .optional("ingress", .record([.optional("tcp", endpoints)])),
        .optional("files", files),
        .optional("processes", processes),
        .optional("evidence", evidence),
        .optional("approvals", approvals),
    ]

    private static let server = Shape.record([
        .optional("command", .list(.text(.verbatim))),
        .optional("cwd", .text(.path)),
        .optional("user", .words("caller", "session")),
        .optional(
            "env",
            .record([
                .optional("pass", .list(.text(.passedVariable))),
                .optional("set", .table(names: .variableName, .text(.verbatim))),
                .optional(
                    "secret",
                    .table(
                        names: .importedVariable,
                        .record([
                            .required("from", .words("env", "credential", notYet: ["file"]))
                        ]))),
            ])),
    ])

    private static let messages = Shape.record([
        .optional("resources", .either([.words("deny"), .list(.text(.uriPattern))])),
        .optional("prompts", .either([.words("deny"), .list(.text(.pattern))])),
        .optional("sampling", .words("deny", "ask", "allow")),
        .optional("elicitation", .words("deny", "ask", "allow")),
        .optional("roots", .words("deny", "ask", "allow")),
    ])

    private static let egress = Shape.record([
        .optional("tcp", endpoints),
        .optional("udp", endpoints),
        .optional("unix", .either([.words("none", "any"), .list(.text(.grantedPath))])),
        .optional("dns", .words("none", "host")),
        .optional("names", .either([.words("none", "any"), .list(.text(.namePattern))])),
    ])

    private static let endpoints = Shape.either([.words("none", "any"), .list(.text(.endpoint))])

    private static let paths = Shape.either([.words("none"), .list(.text(.grantedPath))])

    private static let files = Shape.record([
        .optional("read", paths),
        .optional("write", paths),
        .optional("execute", paths),
        .optional("metadata", .words("none", "owned")),
        .optional("protect", .words("clients", "none")),
        .optional("tmp", .words("none", "private")),
        .optional("proc", .words("none", "session")),
    ])

    private static let processes = Shape.record([
        .optional("spawn", .words("none", "any")),
        .optional("tasks", .integer(1...Int.max)),
        .optional("memory", .text(.size)),
        .optional("cpu", .text(.share)),
    ])

    private static let evidence = Shape.record([
        .optional("arguments", .words("commitment", "full")),
        .optional("durability", .words("process", "disk")),
        .optional("keep", .text(.retention)),
    ])

    private static let approvals = Shape.record([
        .optional("by", .list(.text(.approver))),
        .optional("within", .text(.duration)),
        .optional("wait", .text(.duration)),
    ])
}
