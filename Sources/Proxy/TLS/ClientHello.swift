import Policy

/// The body of a ClientHello, of which the name alone is of interest. All of it must read well: what a server would read otherwise is refused.
struct ClientHello {
    let name: HostName

    private enum Extension {
        static let serverName = 0
        static let encryptedClientHello = 0xfe0d
        /// What was before it: draft-ietf-tls-esni up to 06.
        static let encryptedName = 0xffce
    }

    init(_ body: ArraySlice<UInt8>) throws(ProxyRefusal) {
        var cursor = Cursor(body)
        guard let major = cursor.byte(), cursor.byte() != nil, major == 3, cursor.skip(32), let session = cursor.vector(lengthBytes: 1),
            session.count <= 32, let suites = cursor.vector(lengthBytes: 2), !suites.isEmpty, suites.count % 2 == 0,
            let compression = cursor.vector(lengthBytes: 1), !compression.isEmpty
        else { throw .notTLS }
        // SSL 3 and TLS 1.0 may go without.
        guard !cursor.isAtEnd else { throw .noName }
        guard let extensions = cursor.vector(lengthBytes: 2), cursor.isAtEnd else { throw .notTLS }
        name = try Self.name(extensions)
    }

    private static func name(_ extensions: ArraySlice<UInt8>) throws(ProxyRefusal) -> HostName {
        var cursor = Cursor(extensions)
        var seen: Set<Int> = []
        var name: HostName?
        while !cursor.isAtEnd {
            guard let kind = cursor.number(bytes: 2), let data = cursor.vector(lengthBytes: 2) else { throw .notTLS }
            guard seen.insert(kind).inserted else { throw .notTLS }
            switch kind {
            case Extension.serverName: name = try serverName(data)
            case Extension.encryptedClientHello, Extension.encryptedName: throw .hiddenName
            default: break
            }
        }
        guard let name else { throw .noName }
        return name
    }

    /// One entry, of type host_name: others were never defined, and a second one nobody sends.
    private static func serverName(_ data: ArraySlice<UInt8>) throws(ProxyRefusal) -> HostName {
        var cursor = Cursor(data)
        guard let list = cursor.vector(lengthBytes: 2), cursor.isAtEnd else { throw .notTLS }
        var entries = Cursor(list)
        guard entries.byte() == 0, let name = entries.vector(lengthBytes: 2), entries.isAtEnd else { throw .notTLS }
        return try Target.name(name)
    }
}
