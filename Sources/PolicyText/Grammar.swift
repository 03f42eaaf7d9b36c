/// Every key of a policy, in the order in which documents are written (DESIGN section 3).
enum Grammar {
    static let version = 1

    static let policy = Shape.record([
        .required("sandboxd", .integer(version...version)),
        .optional("name", .text(.name)),
        .optional("description", .text(.prose)),
        .optional("include", .list(.text(.includeName))),
        .optional("inputs", .table(names: .inputName, .either([.nothing, .text(.verbatim)]))),
        .optional("server", server),
        .optional("tools", tools),
        .optional("messages", messages),
        .optional("egress", egress),
        .optional("ingress", .record([.optional("tcp", endpointsNotYet)])),
        .optional("files", files),
        .optional("processes", processes),
        .optional("evidence", evidence),
        .optional("approvals", .notYet(approvals)),
        .optional("tests", .notYet(.list(test))),
    ])

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
                            .required("from", .words("env", notYet: ["credential", "file"]))
                        ]))),
            ])),
    ])

    private static let messages = Shape.record([
        .optional("resources", .either([.words("deny"), .notYet(.list(.text(.uriPattern)))])),
        .optional("prompts", .either([.words("deny"), .notYet(.list(.text(.pattern)))])),
        .optional("sampling", .words("deny", notYet: ["ask", "allow"])),
        .optional("elicitation", .words("deny", notYet: ["ask", "allow"])),
        .optional("roots", .words("deny", notYet: ["ask", "allow"])),
    ])

    private static let egress = Shape.record([
        .optional("tcp", .either([.words("none", "any"), .list(.text(.endpoint))])),
        .optional("udp", endpointsNotYet),
        .optional("unix", .either([.words("none", notYet: ["any"]), .notYet(.list(.text(.path)))])),
        .optional("dns", .words("none", notYet: ["host"])),
        .optional("names", .notYet(.list(.text(.nameEndpoint)))),
    ])

    private static let endpointsNotYet = Shape.either([.words("none", notYet: ["any"]), .notYet(.list(.text(.endpoint)))])

    private static let files = Shape.record([
        .optional("read", .list(.text(.grantedPath))),
        .optional("write", .list(.text(.grantedPath))),
        .optional("execute", .either([.words("none"), .list(.text(.grantedPath))])),
        .optional("metadata", .words("none", notYet: ["owned"])),
        .optional("protect", .words("clients", "none")),
        .optional("tmp", .words("none", notYet: ["private"])),
        .optional("proc", .words("none", notYet: ["session"])),
    ])

    private static let processes = Shape.record([
        .optional("spawn", .words("none", "any")),
        .optional("tasks", .notYet(.integer(1...Int.max))),
        .optional("memory", .notYet(.text(.size))),
        .optional("cpu", .notYet(.text(.share))),
    ])

    private static let evidence = Shape.record([
        .optional("arguments", .words("commitment", notYet: ["full"])),
        .optional("durability", .words("process", notYet: ["disk"])),
        .optional("keep", .text(.retention)),
    ])

    private static let approvals = Shape.record([
        .optional("by", .list(.text(.prose))),
        .optional("within", .text(.duration)),
        .optional("wait", .text(.duration)),
    ])

    private static let test = Shape.record([
        .optional("call", .list(.json)),
        .optional("act", .text(.prose)),
        .required("expect", .text(.prose)),
    ])
}
