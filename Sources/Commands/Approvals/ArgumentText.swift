import StrictJSON

/// Canonical arguments, one value a line. What could mislead the eye is written as an escape.
enum ArgumentText {
    static func lines(_ canonical: String) -> [String] {
        guard let json = try? JSON(parsing: Array(canonical.utf8)) else { return [Escaping.line(canonical)] }
        var lines: [String] = []
        append(json, before: "", behind: "", depth: 0, &lines)
        return lines
    }

    private static func append(_ json: JSON, before: String, behind: String, depth: Int, _ lines: inout [String]) {
        let indent = String(repeating: "  ", count: depth)
        switch json {
        case .object(let object) where object.count > 0:
            lines.append(indent + before + "{")
            for (index, member) in object.members.enumerated() {
                append(
                    member.value, before: text(.string(member.name)) + ": ", behind: index + 1 < object.count ? "," : "", depth: depth + 1,
                    &lines)
            }
            lines.append(indent + "}" + behind)
        case .array(let elements) where !elements.isEmpty:
            lines.append(indent + before + "[")
            for (index, element) in elements.enumerated() {
                append(element, before: "", behind: index + 1 < elements.count ? "," : "", depth: depth + 1, &lines)
            }
            lines.append(indent + "]" + behind)
        case .object, .array, .null, .bool, .number, .string: lines.append(indent + before + text(json) + behind)
        }
    }

    private static func text(_ json: JSON) -> String { Escaping.line(json.encoded()) }
}
