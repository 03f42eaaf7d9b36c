/// Why a configuration is not read. Nothing is guessed: what is not understood is refused at its place.
public struct ConfigProblem: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case notUTF8, tooLarge, tooDeep, tooManyValues
        /// The text ended where this was expected.
        case unexpectedEnd
        case unexpectedCharacter
        case controlCharacter
        case badEscape
        case badNumber
        /// A name that stands twice in one table.
        case duplicate(String)
        /// A table of TOML that is opened a second time, or was something else before.
        case reopened(String)
        /// Of YAML: what lets one place mean another.
        case anchorOrTag
        case severalDocuments
        case keyIsNoText
        /// What libyaml says.
        case notYAML(String)
    }

    public let kind: Kind
    /// In the file.
    public let offset: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}

extension ConfigProblem {
    /// For the part of a sentence behind a colon.
    public var words: String {
        switch kind {
        case .notUTF8: "it is not UTF-8"
        case .tooLarge: "it is larger than \(ConfigLimits.bytes >> 20) MiB"
        case .tooDeep: "it is nested deeper than \(ConfigLimits.depth)"
        case .tooManyValues: "it has more than \(ConfigLimits.values) values"
        case .unexpectedEnd: "it ends too early"
        case .unexpectedCharacter: "something else is expected here"
        case .controlCharacter: "a control character stands here"
        case .badEscape: "this is no escape of its format"
        case .badNumber: "this is no number, and nothing else"
        case .duplicate(let name): "`\(name)` is given twice"
        case .reopened(let name): "`\(name)` is there already"
        case .anchorOrTag: "anchors, aliases and tags are not read: they let one place mean another"
        case .severalDocuments: "it has several documents"
        case .keyIsNoText: "a name is expected here"
        case .notYAML(let problem): problem
        }
    }
}
