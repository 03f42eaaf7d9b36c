import Decision
import Policy

extension TextRule {
    static func faultOfVariable(_ name: String) -> Fault? {
        let isName = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
        return isName ? nil : Fault(.badValue, ["value": name, "expected": TextRule.variableName.expectation])
    }

    static func faultOfImportedVariable(_ name: String) -> Fault? {
        if let fault = faultOfVariable(name) { return fault }
        return LoaderVariables.contains(name) ? Fault(.loaderVariable, ["variable": name]) : nil
    }

    static func faultOfPattern(_ scalar: YAMLScalar) -> Fault? {
        if scalar.text.utf8.contains(where: { "?[]{}".utf8.contains($0) }) {
            return Fault(.badPattern, ["pattern": scalar.text, "problem": PatternProblem.unknownWildcard.rawValue])
        }
        return faultOfWildcards(scalar)
    }

    static func faultOfURIPattern(_ scalar: YAMLScalar) -> Fault? {
        guard scalar.text.utf8.contains(UInt8(ascii: ":")) else {
            return Fault(.badPattern, ["pattern": scalar.text, "problem": PatternProblem.noScheme.rawValue])
        }
        return faultOfWildcards(scalar)
    }

    private static func faultOfWildcards(_ scalar: YAMLScalar) -> Fault? {
        let wildcards = { (text: String) in text.utf8.filter { $0 == UInt8(ascii: "*") }.count }
        guard wildcards(scalar.text) > wildcards(scalar.written) else { return nil }
        return Fault(.badPattern, ["pattern": scalar.text, "problem": PatternProblem.wildcardInValue.rawValue])
    }

    static func faultOfExpression(_ text: String) -> Fault? {
        RegularExpression.problem(of: text).map { Fault(.badExpression, ["pattern": text, "why": $0]) }
    }

    /// Patterns are looked for in what was written: a variable's value is data.
    static func faultOfPath(_ scalar: YAMLScalar, mayBeOptional: Bool) -> Fault? {
        let problem = { (problem: PathProblem) in Fault(.badPath, ["path": scalar.text, "problem": problem.rawValue]) }
        let written = mayBeOptional ? WrittenPath(scalar.written).path : scalar.written
        if written.utf8.contains(where: { "*?[".utf8.contains($0) }) { return problem(.pattern) }
        if scalar.text.utf8.last == UInt8(ascii: "?"), scalar.written.utf8.last != UInt8(ascii: "?") { return problem(.endsInQuestionMark) }
        return scalar.text.utf8.first == UInt8(ascii: "/") ? nil : problem(.notAbsolute)
    }

    static func faultOfName(_ text: String) -> Fault? {
        do { _ = try NamePattern(text) } catch { return Fault(.badName, ["name": text, "problem": error.rawValue]) }
        return nil
    }

    static func faultOfEndpoint(_ text: String) -> Fault? {
        do { _ = try EndpointPattern(text) } catch { return Fault(.badEndpoint, ["endpoint": text, "problem": error.rawValue]) }
        return nil
    }
}

/// A path or name as written where one `?` may follow: without it, nothing there means nothing granted.
struct WrittenPath {
    let path: String
    let isOptional: Bool

    init(_ text: String) {
        isOptional = text.utf8.last == UInt8(ascii: "?")
        path = isOptional ? String(decoding: text.utf8.dropLast(), as: UTF8.self) : text
    }
}
