import Policy

/// What a test says the server does: a verb and what it is done to, in one line.
enum PolicyAct: Sendable, Hashable {
    /// A TCP connection.
    case connect(IPAddress, port: UInt16)
    /// One by the name proxy, whatever the name resolves to.
    case connectNamed(NamePattern.Speech, HostName, port: UInt16)
    case connectUnix(path: String)
    /// A UDP datagram.
    case send(IPAddress, port: UInt16)
    /// A TCP socket of the server's own.
    case bind(IPAddress, port: UInt16)
    case file(FileVerb, path: String)
    /// A process, not a thread.
    case spawn

    enum FileVerb: String, Sendable, Hashable, CaseIterable {
        case read, list, write, create, remove, execute, chmod
    }

    /// For help, one form a line.
    static let forms = """
          connect ADDRESS:PORT      a TCP connection; an IPv6 address stands in [ ]
          connect NAME:PORT         by the name proxy: TLS that asks for this name
          connect plain:NAME:PORT   the same, and anything else
          connect unix:PATH         a unix socket
          send udp ADDRESS:PORT     a UDP datagram
          bind ADDRESS:PORT         a TCP socket of the server's own
          read PATH, list PATH      a file, a directory
          write PATH                the content of a file that is there
          create PATH, remove PATH  a file
          execute PATH              after the server has started
          chmod PATH                mode, owner, times or attributes of a file that the server's user owns
          spawn                     a process
        """
}

/// Why a text is no act.
enum PolicyActProblem: String, Error, Sendable, Hashable, CaseIterable {
    case unknownVerb, missingTarget, unexpectedTarget, badEndpoint, relativePath
}

extension PolicyAct {
    /// Reads one act; words stand apart by one space, and a path is all that follows its verb.
    init(_ text: String) throws(PolicyActProblem) {
        let verb = text.utf8.prefix { $0 != UInt8(ascii: " ") }
        let rest = text.utf8.dropFirst(verb.count)
        let target = rest.isEmpty ? nil : String(decoding: rest.dropFirst(), as: UTF8.self)
        self = try Self.act(String(decoding: verb, as: UTF8.self), target)
    }

    private static func act(_ verb: String, _ target: String?) throws(PolicyActProblem) -> PolicyAct {
        switch verb {
        case "spawn":
            guard target == nil else { throw .unexpectedTarget }
            return .spawn
        case "connect": return try connect(try given(target))
        case "send":
            let words = try given(target)
            guard words.hasPrefix("udp ") else { throw .badEndpoint }
            let (address, port) = try endpoint(String(words.dropFirst(4)))
            return .send(address, port: port)
        case "bind":
            let (address, port) = try endpoint(try given(target))
            return .bind(address, port: port)
        case let verb:
            guard let verb = FileVerb(rawValue: verb) else { throw .unknownVerb }
            return .file(verb, path: try path(try given(target)))
        }
    }

    private static func given(_ target: String?) throws(PolicyActProblem) -> String {
        guard let target, !target.isEmpty else { throw .missingTarget }
        return target
    }

    private static func connect(_ target: String) throws(PolicyActProblem) -> PolicyAct {
        if target.hasPrefix("unix:") { return .connectUnix(path: try path(String(target.dropFirst(5)))) }
        if let pattern = try? NamePattern(target), case .one(let name) = pattern.hosts, case .one(let port) = pattern.ports {
            return .connectNamed(pattern.isPlain ? .other : .tls, name, port: port)
        }
        let (address, port) = try endpoint(target)
        return .connect(address, port: port)
    }

    /// One address and one port. Unlike in a clause the address may be link-local or mapped: that such are denied is what one wants to test.
    private static func endpoint(_ text: String) throws(PolicyActProblem) -> (IPAddress, UInt16) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), let port = port(bytes[(colon + 1)...]) else { throw .badEndpoint }
        var host = bytes[..<colon]
        let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(decoding: host, as: UTF8.self)), (address.width == 128) == isBracketed else {
            throw .badEndpoint
        }
        return (address, port)
    }

    private static func port(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard bytes.allSatisfy({ digits.contains($0) }), bytes.first != UInt8(ascii: "0") else { return nil }
        return UInt16(String(decoding: bytes, as: UTF8.self))
    }

    private static func path(_ text: String) throws(PolicyActProblem) -> String {
        guard text.utf8.first == UInt8(ascii: "/") else { throw .relativePath }
        return text
    }
}
