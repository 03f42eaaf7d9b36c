/// What a policy's author expects of it, in the policy or in a document beside it.
extension Grammar {
    static let tests = Shape.record([
        .required("sandboxd-tests", .integer(version...version)),
        .required("tests", .list(.part(.test))),
    ])

    static let test = Shape.record([
        .optional("call", .call),
        .optional("act", .text(.prose)),
        .required("expect", .text(.prose)),
    ])

    static let expectedOfCalls = Shape.words("forward", "hold", "block")
    static let expectedOfActs = Shape.words("permitted", "denied")
}
