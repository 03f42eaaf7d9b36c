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
        let problem = { (problem: PatternProblem) in Fault(.badPattern, ["pattern": scalar.text, "problem": problem.rawValue]) }
        if scalar.text.utf8.contains(where: { "?[]{}".utf8.contains($0) }) { return problem(.unknownWildcard) }
        let wildcards = { (text: String) in text.utf8.filter { $0 == UInt8(ascii: "*") }.count }
        return wildcards(scalar.text) > wildcards(scalar.written) ? problem(.wildcardInValue) : nil
    }

    /// Patterns are looked for in what was written: a variable's value is data.
    static func faultOfPath(_ scalar: YAMLScalar, mayBeOptional: Bool) -> Fault? {
        let problem = { (problem: PathProblem) in Fault(.badPath, ["path": scalar.text, "problem": problem.rawValue]) }
        let written = mayBeOptional ? WrittenPath(scalar.written).path : scalar.written
        if written.utf8.contains(where: { "*?[".utf8.contains($0) }) { return problem(.pattern) }
        if scalar.text.utf8.last == UInt8(ascii: "?"), scalar.written.utf8.last != UInt8(ascii: "?") { return problem(.endsInQuestionMark) }
        return scalar.text.utf8.first == UInt8(ascii: "/") ? nil : problem(.notAbsolute)
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

/// Numbers with a unit, as the grammar writes them.
enum Quantity {
    static func isDuration(_ text: String) -> Bool { isNumber(text, unit: ["s", "m", "h", "d"]) }
    static func isSize(_ text: String) -> Bool { isNumber(text, unit: ["KiB", "MiB", "GiB", "TiB"]) }
    static func isShare(_ text: String) -> Bool { isNumber(text, unit: ["%"]) }

    private static func isNumber(_ text: String, unit units: [String]) -> Bool {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0") else { return false }
        return units.contains { text.utf8.dropFirst(digits.count).elementsEqual($0.utf8) }
    }
}
