import MCP
import StrictJSON

/// A line that the suite expects.
indirect enum WireAnswer: Sendable {
    case line(String)
    /// A result that tells the model of a denial.
    case denial(code: String, id: JSON?, isModern: Bool)
    case error(Int64, code: String, id: JSON?)
    /// One line with an array.
    case array([WireAnswer])

    init(_ json: JSON, _ version: ProtocolVersion) {
        if let members = json.array {
            self = .array(members.map { WireAnswer($0, version) })
        } else if let text = json.string {
            self = .line(WireText.text(text, version))
        } else if let code = json["denied"]?.string {
            self = .denial(code: code, id: Self.id(json, version), isModern: version.era == .modern || json["modern"] == true)
        } else {
            self = .error(json["error"]?.int64 ?? 0, code: json["code"]?.string ?? "", id: Self.id(json, version))
        }
    }

    /// Nil: no id at all.
    private static func id(_ json: JSON, _ version: ProtocolVersion) -> JSON? {
        guard json["id"] == "@unknown" else { return json["id"] }
        return version < .november2025 ? JSON.null : Optional.none
    }

    /// What is wrong with a line; nil where it is what was expected.
    func fault(in line: String) -> String? {
        if case .line(let expected) = self { return line == expected ? nil : "not the line \(expected.prefix(400))" }
        guard let json = try? JSON(parsing: Array(line.utf8), whitespace: .spacesOnly) else { return "no JSON" }
        guard json.encoded() == Array(line.utf8) else { return "not as it would be written anew" }
        return fault(in: json)
    }

    private func fault(in json: JSON) -> String? {
        switch self {
        case .line(let text): return json.encoded() == Array(text.utf8) ? nil : "not the message \(text)"
        case .denial(let code, let id, let isModern):
            guard json["jsonrpc"] == "2.0", json["id"] == id, let result = json["result"] else {
                return "no result of \(String(describing: id))"
            }
            guard result["isError"] == true, result["resultType"] == (isModern ? "complete" : nil) else { return "no denial of its era" }
            return result["_meta"]?["io.sandboxd/decision"]?["code"]?.string == code ? nil : "not for \(code)"
        case .error(let number, let code, let id):
            guard json["jsonrpc"] == "2.0", json["id"] == id, let error = json["error"] else {
                return "no error of \(String(describing: id))"
            }
            guard error["code"]?.int64 == number else { return "not the error \(number)" }
            return error["data"]?["code"]?.string == code ? nil : "not for \(code)"
        case .array(let members):
            guard let found = json.array, found.count == members.count else { return "no array of \(members.count)" }
            return zip(members, found).lazy.compactMap { $0.fault(in: $1) }.first
        }
    }
}
