import StrictJSON

/// A line of canonical JSON that is one object with known members.
enum CanonicalLine {
    /// Its members: all of these, and no other.
    static func members(_ line: [UInt8], _ names: [String]) throws(LineError) -> JSONObject {
        let json: JSON
        do { json = try JSON(parsing: line) } catch { throw LineError(.notJSON(error)) }
        guard let canonical = try? json.canonical(), canonical == line else { throw LineError(.notCanonical) }
        let object = json.object ?? JSONObject()
        for member in object.members where !names.contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) {
            throw LineError(.unknownMember(member.name))
        }
        for name in names where object[name] == nil { throw LineError(.missingMember(name)) }
        return object
    }
}
