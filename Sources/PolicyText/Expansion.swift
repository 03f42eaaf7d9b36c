import Policy

/// Puts values where variables stand, once. Values are data: what looks like a variable in one stays as it is.
struct Expansion {
    private let variables: PolicyVariables
    /// Without those whose value could not be made.
    private var inputs: [[UInt8]: String] = [:]
    private(set) var reasons: [Reason] = []

    init(_ variables: PolicyVariables, declared: [DeclaredInput]) {
        self.variables = variables
        for input in declared { inputs[Array(input.name.utf8)] = value(of: input) }
        for name in variables.inputs.keys.sorted() where !declared.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            reasons.append(Reason(.badInput, at: nil, ["input": name, "problem": InputProblem.undeclared.rawValue]))
        }
    }

    /// The node with all variables expanded; `nil` for an optional path that begins with a variable that has no value here.
    mutating func expanded(_ node: YAMLNode, isAct: Bool = false) -> YAMLNode? {
        switch node.content {
        case .refused: return node
        case .scalar(let scalar): return expanded(scalar, of: node, isAct)
        case .list(let items):
            return YAMLNode(content: .list(items.compactMap { expanded($0) }), location: node.location, ordinal: node.ordinal)
        case .mapping(let entries):
            let entries = entries.map { entry in
                let isAct = entry.key.utf8.elementsEqual("act".utf8)
                return YAMLEntry(key: entry.key, keyLocation: entry.keyLocation, value: expanded(entry.value, isAct: isAct) ?? entry.value)
            }
            return YAMLNode(content: .mapping(entries), location: node.location, ordinal: node.ordinal)
        }
    }

    private mutating func expanded(_ scalar: YAMLScalar, of node: YAMLNode, _ isAct: Bool) -> YAMLNode? {
        guard case .one(let reference) = VariableReference.read(scalar.text, isAct: isAct) else { return node }
        guard let value = value(of: reference, at: node.location, isOptional: WrittenPath(scalar.text).isOptional) else { return nil }
        var result = scalar
        let isURI = reference.prefix.utf8.elementsEqual(VariableReference.scheme.utf8)
        result.text = reference.prefix + Self.joined(isURI ? Self.encoded(value) : value, reference.rest)
        result.isPlain = false
        return YAMLNode(content: .scalar(result), location: node.location, ordinal: node.ordinal)
    }

    /// `/` and `/x` make `/x`.
    private static func joined(_ value: String, _ rest: String) -> String {
        let endsInSlash = value.utf8.last == UInt8(ascii: "/") && rest.utf8.first == UInt8(ascii: "/")
        return endsInSlash ? value + String(decoding: rest.utf8.dropFirst(), as: UTF8.self) : value + rest
    }

    /// A path as it stands in a URI: all but unreserved characters and `/` in percent-encoding (RFC 3986).
    private static func encoded(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            let isLetterOrDigit = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            if isLetterOrDigit || "-._~/".utf8.contains(byte) {
                text.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                text += byte < 0x10 ? "%0\(hex)" : "%\(hex)"
            }
        }
    }

    private mutating func value(of reference: VariableReference, at location: SourceLocation, isOptional: Bool) -> String? {
        if let value = variables.builtIn(reference.name) {
            if value == nil, !isOptional { note(.unset, reference.name, at: location) }
            return value
        }
        return inputs[Array(reference.name.utf8)]
    }

    private mutating func value(of input: DeclaredInput) -> String? {
        if let given = variables.inputs.first(where: { $0.key.utf8.elementsEqual(input.name.utf8) }) { return given.value }
        guard let text = input.defaultValue else {
            reasons.append(Reason(.badInput, at: input.location, ["input": input.name, "problem": InputProblem.missing.rawValue]))
            return nil
        }
        guard case .one(let reference) = VariableReference.read(text) else { return text }
        return value(of: reference, at: input.location, isOptional: false).map { reference.prefix + Self.joined($0, reference.rest) }
    }

    private mutating func note(_ problem: VariableProblem, _ name: String, at location: SourceLocation) {
        reasons.append(Reason(.badVariable, at: location, ["variable": name, "problem": problem.rawValue]))
    }
}
