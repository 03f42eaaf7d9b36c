import Glibc

/// Where a registry answers.
struct RegistryAddress: Sendable, Hashable {
    /// With the credentials that stand in it.
    let url: String
    let host: String
    let port: UInt16

    /// `https://HOST`, `http://USER:PASSWORD@HOST:PORT/PATH`. nil for anything else.
    init?(_ url: String) {
        let schemes: [(String, UInt16)] = [("https://", 443), ("http://", 80)]
        guard let (scheme, usual) = schemes.first(where: { url.hasPrefix($0.0) }), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        let authority = url.utf8.dropFirst(scheme.utf8.count).prefix { !"/?#\\".utf8.contains($0) }
        let place = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.index(after: $0)...] } ?? authority
        guard let (host, port) = Self.split(String(Substring(place)), usual) else { return nil }
        self.url = url
        self.host = host
        self.port = port
    }

    private static func split(_ place: String, _ usual: UInt16) -> (String, UInt16)? {
        var host = Substring(place), port = Substring()
        if let end = place.lastIndex(of: "]"), place.hasPrefix("[") {
            host = place[place.index(after: place.startIndex)..<end]
            port = place[place.index(after: end)...]
        } else if let colon = place.firstIndex(of: ":") {
            host = place[..<colon]
            port = place[colon...]
        }
        let isHost =
            !host.isEmpty
            && host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-._:".utf8.contains(byte)
            }
        guard isHost, !host.hasPrefix("-") else { return nil }
        if port.isEmpty { return (String(host), usual) }
        guard port.hasPrefix(":"), let number = UInt16(port.dropFirst()), number > 0 else { return nil }
        return (String(host), number)
    }

    /// `HOST:PORT`, as `egress.names` has it, where the session's name proxy can hold it: a name, and TLS.
    var name: String? {
        let isAddress =
            host.utf8.contains(UInt8(ascii: ":")) || host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return isAddress || !url.hasPrefix("https://") ? nil : "\(host.lowercased()):\(port)"
    }

    /// getaddrinfo(3): the first address, and how a policy writes it with the port. Only this one is permitted, and the installer is told it.
    func endpoint() throws(PrepareFailure) -> (address: String, endpoint: String) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let list else { throw .unresolved(host: host) }
        defer { freeaddrinfo(list) }
        var found: [(family: Int32, text: String)] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next {
            var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
            if result == 0 {
                found.append(
                    (entry.pointee.ai_family, String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)))
            }
            next = entry.pointee.ai_next
        }
        guard let chosen = found.first(where: { $0.family == AF_INET }) ?? found.first else { throw .unresolved(host: host) }
        return (chosen.text, chosen.family == AF_INET ? "\(chosen.text):\(port)" : "[\(chosen.text)]:\(port)")
    }
}
