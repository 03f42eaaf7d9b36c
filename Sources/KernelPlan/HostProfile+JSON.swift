public import StrictJSON

/// Why a saved profile cannot be read.
public enum HostProfileProblem: Error, Sendable, Hashable {
    case notAnObject
    /// A member is missing or has another type.
    case badMember(String)
    /// Written by a version that knows more.
    case unknownMember(String)
}

extension HostProfile {
    /// The version of the form below.
    static let version: Int64 = 1

    public var json: JSON {
        var tried = JSONObject()
        for mechanism in Mechanism.allCases {
            tried[mechanism.rawValue] = .string(self[mechanism].text)
        }
        var object = JSONObject([
            ("sandboxdHostProfile", .number(JSONNumber(Self.version))),
            ("kernel", .string(kernel)),
            ("architecture", .string(architecture)),
            ("custody", .string(custody.rawValue)),
            ("landlockABI", .number(JSONNumber(Int64(landlockABI)))),
            ("observed", .object(tried)),
        ])
        if !unknownSyscalls.isEmpty { object["unknownSyscalls"] = .array(unknownSyscalls.map { .string($0) }) }
        return .object(object)
    }

    /// Reads what `json` wrote. Unknown members are an error: a profile of a later version may say what this one cannot weigh.
    public init(json: JSON) throws(HostProfileProblem) {
        guard case .object(let object) = json else { throw .notAnObject }
        let known = ["sandboxdHostProfile", "kernel", "architecture", "custody", "landlockABI", "observed", "unknownSyscalls"]
        if let other = object.members.first(where: { !known.contains($0.name) }) { throw .unknownMember(other.name) }
        guard json["sandboxdHostProfile"]?.int64 == Self.version else { throw .badMember("sandboxdHostProfile") }
        guard let kernel = json["kernel"]?.string else { throw .badMember("kernel") }
        guard let architecture = json["architecture"]?.string else { throw .badMember("architecture") }
        guard let custody = json["custody"]?.string.flatMap(Custody.init(rawValue:)) else { throw .badMember("custody") }
        guard let abi = json["landlockABI"]?.int64, (0...1_000).contains(abi) else { throw .badMember("landlockABI") }
        self.init(
            kernel: kernel, architecture: architecture, custody: custody, landlockABI: Int(abi),
            observations: try Self.observations(json["observed"]), unknownSyscalls: try Self.syscalls(object["unknownSyscalls"]))
    }

    private static func syscalls(_ json: JSON?) throws(HostProfileProblem) -> [String] {
        guard let json else { return [] }
        var names: [String] = []
        for member in json.array ?? [] {
            guard let name = member.string else { throw .badMember("unknownSyscalls") }
            names.append(name)
        }
        guard !names.isEmpty else { throw .badMember("unknownSyscalls") }
        return names
    }

    private static func observations(_ json: JSON?) throws(HostProfileProblem) -> [Mechanism: Observation] {
        guard case .object(let object)? = json else { throw .badMember("observed") }
        var result: [Mechanism: Observation] = [:]
        for (name, value) in object.members {
            guard let mechanism = Mechanism(rawValue: name) else { throw .unknownMember(name) }
            guard let text = value.string, let observation = Observation(text: text) else { throw .badMember(name) }
            result[mechanism] = observation
        }
        return result
    }
}
