import Descriptors
import StrictJSON

/// Takes the parameters of a call one by one; what is missing, of another type or left over is `InvalidParameter`.
struct ParameterReader: ~Copyable {
    private var rest: JSONObject
    private var descriptors: DescriptorList

    init(_ parameters: JSONObject, descriptors: consuming DescriptorList) {
        rest = parameters
        self.descriptors = descriptors
    }

    /// Absent and null are the same.
    mutating func member(_ name: String) -> JSON? {
        let value = rest[name]
        rest[name] = nil
        return value?.isNull == true ? nil : value
    }

    mutating func string(_ name: String) throws(ControlError) -> String {
        guard let value = member(name)?.string, !value.utf8.contains(0) else { throw .invalidParameter(name) }
        return value
    }

    private let slash = UInt8(ascii: "/")

    mutating func absolutePath(_ name: String) throws(ControlError) -> String {
        let path = try string(name)
        guard path.utf8.first == slash else { throw .invalidParameter(name) }
        return path
    }

    mutating func optionalAbsolutePath(_ name: String) throws(ControlError) -> String? {
        guard let path = try optionalString(name) else { return nil }
        guard path.utf8.first == slash else { throw .invalidParameter(name) }
        return path
    }

    mutating func optionalString(_ name: String) throws(ControlError) -> String? {
        guard let value = member(name) else { return nil }
        guard let string = value.string, !string.utf8.contains(0) else { throw .invalidParameter(name) }
        return string
    }

    mutating func optionalInteger<Value: FixedWidthInteger>(_ name: String) throws(ControlError) -> Value? {
        guard let value = member(name) else { return nil }
        guard let integer = value.int64.flatMap({ Value(exactly: $0) }) else { throw .invalidParameter(name) }
        return integer
    }

    mutating func bool(_ name: String) throws(ControlError) -> Bool {
        guard let value = member(name)?.bool else { throw .invalidParameter(name) }
        return value
    }

    mutating func array(_ name: String) throws(ControlError) -> [JSON] {
        guard let value = member(name)?.array else { throw .invalidParameter(name) }
        return value
    }

    /// A map of strings. Names that Swift would take for one another are refused.
    mutating func strings(_ name: String) throws(ControlError) -> [String: String] {
        guard let object = member(name)?.object else { throw .invalidParameter(name) }
        var strings: [String: String] = [:]
        for (key, value) in object.members {
            guard let text = value.string, strings.updateValue(text, forKey: key) == nil else { throw .invalidParameter(name) }
        }
        return strings
    }

    /// The descriptor that a member names. Each is named once.
    mutating func descriptor(_ name: String) throws(ControlError) -> OwnedDescriptor {
        try take(member(name), name)
    }

    /// The NUL-ended strings of a sealed memory file.
    mutating func byteStrings(_ name: String) throws(ControlError) -> [[UInt8]] {
        let bytes = try contents(member(name), name, limit: ControlLimits.argumentBytes)
        guard let strings = ByteStrings.split(bytes) else { throw .invalidParameter(name) }
        return strings
    }

    /// A document: its name, and the bytes of its sealed memory file.
    mutating func document(_ parameter: String, _ json: JSON?) throws(ControlError) -> NamedText {
        guard let object = json?.object else { throw .invalidParameter(parameter) }
        var reader = ParameterReader(object, descriptors: DescriptorList())
        let index = reader.member("descriptor")
        let name: String
        let path: String?
        do {
            name = try reader.string("name")
            path = try reader.optionalString("path")
            try reader.finish()
        } catch {
            throw .invalidParameter(parameter)
        }
        guard path?.utf8.first ?? slash == slash else { throw .invalidParameter(parameter) }
        return NamedText(name: name, bytes: try contents(index, parameter, limit: ControlLimits.documentBytes), path: path)
    }

    /// Nothing may be left: a parameter that is not understood is not ignored.
    consuming func finish() throws(ControlError) {
        if let member = rest.members.first { throw .invalidParameter(member.name) }
        for index in 0..<descriptors.count where descriptors.peek(index) != nil { throw .invalidParameter("descriptors") }
    }

    private mutating func contents(_ index: JSON?, _ parameter: String, limit: Int) throws(ControlError) -> [UInt8] {
        let file = try take(index, parameter)
        guard let bytes = try? file.sealedContents(limit: limit) else { throw .invalidParameter(parameter) }
        return bytes
    }

    private mutating func take(_ index: JSON?, _ parameter: String) throws(ControlError) -> OwnedDescriptor {
        guard let index = index?.int64, let place = Int(exactly: index), let descriptor = descriptors.take(place)
        else { throw .invalidParameter(parameter) }
        return descriptor
    }
}
