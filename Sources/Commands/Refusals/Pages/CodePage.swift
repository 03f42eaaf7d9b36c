/// What a code means, for whoever met it: a page of `explain R203`. Prose in whole sentences; text in backticks is typed or read as it stands.
struct CodePage: Sendable {
    let code: String
    /// One line, lower case, no full stop.
    let title: String
    let meaning: String
    /// Nil where no text of a policy leads to it.
    let example: PageExample?
    /// Why it cannot be otherwise.
    let why: String
    /// What to do: at least one.
    let waysOut: [String]
    /// The mechanism, kernel or version that would make it expressible; nil where none would.
    let needs: String?
    /// Codes that are met for like causes.
    let related: [String]

    init(
        _ code: String, _ title: String, meaning: String, example: PageExample? = nil, why: String, waysOut: [String],
        needs: String? = nil, related: [String] = []
    ) {
        self.code = code
        self.title = title
        self.meaning = Self.flowing(meaning)
        self.example = example
        self.why = Self.flowing(why)
        self.waysOut = waysOut.map(Self.flowing)
        self.needs = needs.map(Self.flowing)
        self.related = related
    }

    /// Line ends of a literal are spaces of a paragraph.
    private static func flowing(_ text: String) -> String {
        text.split(whereSeparator: { $0 == "\n" || $0 == " " }).joined(separator: " ")
    }
}
