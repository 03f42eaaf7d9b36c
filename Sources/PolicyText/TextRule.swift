import Policy

/// What a text must be at a place of the grammar.
enum TextRule: Sendable, CaseIterable {
    /// Anything but nothing; numbers and Booleans are taken as they are written.
    case verbatim
    case name, prose, includeName, inputName
    /// Names in the environment: any, one that may come from outside, and one that may do so and end in `?`.
    case variableName, importedVariable, passedVariable
    /// A pattern over names; a `file://` or other URI with `*`.
    case pattern, uriPattern
    /// Absolute once expanded, and no pattern; where grants are listed, `?` may follow.
    case path, grantedPath
    case endpoint, namePattern
    /// A JSON Pointer.
    case pointer
    case duration, size, share, retention
    /// A regular expression of RE2.
    case expression
    /// A host name, perhaps behind `*.`; an address or a network.
    case hostPattern
    /// `caller` or `group:NAME`.
    case approver

    /// What was wrong with a text: everything of a reason but its place.
    struct Fault: Sendable {
        var code: ReasonCode
        var facts: [String: String]

        init(_ code: ReasonCode, _ facts: [String: String] = [:]) {
            self.code = code
            self.facts = facts
        }
    }

    var expectation: String {
        switch self {
        case .verbatim, .name, .prose: "text"
        case .includeName: "the name of a preset or file"
        case .inputName: "a name of letters, digits, - and _"
        case .variableName, .importedVariable, .passedVariable: "the name of a variable"
        case .pattern, .uriPattern: "a pattern"
        case .path, .grantedPath: "a path"
        case .endpoint: "an endpoint"
        case .namePattern: "a host name and port"
        case .pointer: "a JSON Pointer"
        case .duration: "a duration such as 15m"
        case .size: "a size such as 512MiB"
        case .share: "a share such as 50%"
        case .retention: "forever or a duration such as 180d"
        case .expression: "a regular expression"
        case .hostPattern: "a host name, `*.` and one, an address or a network"
        case .approver: "caller, group:NAME or user:NAME"
        }
    }

    /// Whether a text without quotes may look like a number or a Boolean.
    var takesEverything: Bool {
        switch self {
        case .verbatim, .expression: true
        case .name, .prose, .includeName, .inputName, .variableName, .importedVariable, .passedVariable, .pattern, .uriPattern, .path,
            .grantedPath, .endpoint, .namePattern, .pointer, .duration, .size, .share, .retention, .hostPattern, .approver:
            false
        }
    }

    /// What is wrong with an expanded text, or `nil`.
    func fault(in scalar: YAMLScalar) -> Fault? {
        let text = scalar.text
        if text.isEmpty { return self == .verbatim || self == .pointer ? nil : Fault(.empty) }
        switch self {
        case .verbatim, .prose, .includeName: return nil
        case .name: return fault(in: text, unless: text.utf8.count <= 256 && !text.utf8.contains { $0 < 0x20 })
        case .inputName: return fault(in: text, unless: VariableReference.isName(text))
        case .variableName: return Self.faultOfVariable(text)
        case .importedVariable: return Self.faultOfImportedVariable(text)
        case .passedVariable: return Self.faultOfImportedVariable(WrittenPath(text).path)
        case .pattern: return Self.faultOfPattern(scalar)
        case .uriPattern: return Self.faultOfURIPattern(scalar)
        case .path: return Self.faultOfPath(scalar, mayBeOptional: false)
        case .grantedPath: return Self.faultOfPath(scalar, mayBeOptional: true)
        case .endpoint: return Self.faultOfEndpoint(text)
        case .namePattern: return Self.faultOfName(text)
        case .pointer: return fault(in: text, unless: JSONPointer(text) != nil)
        case .duration: return fault(in: text, unless: Quantity.seconds(text) != nil)
        case .size: return fault(in: text, unless: Quantity.bytes(text) != nil)
        case .share: return fault(in: text, unless: Quantity.percent(text) != nil)
        case .retention: return faultOfRetention(text)
        case .expression: return Self.faultOfExpression(text)
        case .hostPattern: return fault(in: text, unless: HostPattern.isOne(text))
        case .approver: return fault(in: text, unless: ClauseReader.approver(text) != nil)
        }
    }

    private func fault(in text: String, unless isGood: Bool) -> Fault? {
        isGood ? nil : Fault(.badValue, ["value": text, "expected": expectation])
    }

    private func faultOfRetention(_ text: String) -> Fault? {
        if text.utf8.elementsEqual("forever".utf8) { return nil }
        return fault(in: text, unless: Quantity.seconds(text) != nil)
    }
}
