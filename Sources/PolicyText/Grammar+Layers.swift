/// A layer: of a policy's keys those that can tighten, in the order in which documents are written.
extension Grammar {
    static let layer = Shape.record(
        [
            .required("sandboxd-layer", .integer(version...version)),
            .optional("name", .text(.name)),
            .optional("description", .text(.prose)),
            .optional(
                "applies_to",
                .record([.optional("policies", .list(.text(.pattern))), .optional("users", .list(.text(.name)))])),
            .optional("server", .record([.optional("user", .words("caller", "session"))])),
        ] + tightening)

    /// Keys of a policy that have no place in a layer, and why.
    static func problem(ofLayerKey key: String, at place: String) -> LayerKeyProblem? {
        switch (place, key) {
        case ("", "sandboxd"): .policy
        case ("", "include"), ("", "inputs"), ("", "tests"): .ownDocument
        case ("server", "command"), ("server", "cwd"), ("server", "env"): .server
        default: nil
        }
    }
}
