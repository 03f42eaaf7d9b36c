extension NamePattern {
    private static let plain = Array("plain:".utf8)

    /// Reads an entry of `egress.names` (DESIGN section 3).
    public init(_ text: String) throws(NameProblem) {
        let bytes = Array(text.utf8)
        // A host may be called `plain`: what follows the word must have a port of its own.
        let rest = bytes.dropFirst(Self.plain.count)
        let isPlain = bytes.starts(with: Self.plain) && rest.contains(UInt8(ascii: ":"))
        try self.init(isPlain ? rest : bytes[...], isPlain: isPlain)
    }

    private init(_ bytes: ArraySlice<UInt8>, isPlain: Bool) throws(NameProblem) {
        guard bytes.first != UInt8(ascii: "[") else { throw .address }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.endIndex else { throw .noPort }
        let hosts = try Hosts(bytes[..<colon])
        do { self.init(hosts: hosts, ports: try EndpointPattern.readPorts(bytes[(colon + 1)...]), isPlain: isPlain) } catch {
            throw NameProblem(ofPort: error)
        }
    }
}

extension NamePattern.Hosts {
    fileprivate init(_ bytes: ArraySlice<UInt8>) throws(NameProblem) {
        if bytes.elementsEqual("*".utf8) {
            self = .any
        } else if bytes.starts(with: "*.".utf8) {
            self = .below(try Self.name(bytes.dropFirst(2)))
        } else {
            self = .one(try Self.name(bytes))
        }
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(NameProblem) -> HostName {
        guard !bytes.contains(UInt8(ascii: "*")) else { throw .badWildcard }
        return try HostName(bytes)
    }
}

extension NameProblem {
    fileprivate init(ofPort problem: EndpointProblem) {
        switch problem {
        case .noPort: self = .noPort
        case .portZero: self = .portZero
        case .badRange: self = .badRange
        case .badPort, .hostName, .badAddress, .badPrefix, .hostBits, .linkLocal, .mappedAddress, .missingBrackets: self = .badPort
        }
    }
}

extension NamePattern: CustomStringConvertible {
    /// The one way in which it is written.
    public var description: String { "\(isPlain ? "plain:" : "")\(hosts):\(ports)" }
}

extension NamePattern.Hosts: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "*"
        case .one(let name): name.text
        case .below(let end): "*.\(end)"
        }
    }
}
