import StrictJSON

/// A `reportingDescriptor`, from a code's page.
struct SARIFRule: Sendable {
    enum Level: String, Sendable { case warning, error }

    let page: CodePage
    /// For programs: one word.
    let name: String
    let level: Level

    var json: JSON {
        [
            "id": .string(page.code), "name": .string(name), "shortDescription": ["text": .string(page.title)],
            "fullDescription": ["text": .string(page.meaning)],
            "help": ["text": .string(page.text(.plain, width: 100)), "markdown": .string(page.markdown)],
            "defaultConfiguration": ["level": .string(level.rawValue)], "properties": ["tags": ["policy"]],
        ]
    }
}
