import Policy

/// A request with an absolute URI, written anew for the server it names (RFC 9112 section 3.2.2). One to a connection, and the server is told so.
struct ForwardedRequest: Sendable, Hashable {
    let target: Target
    let head: [UInt8]
    let framing: BodyFraming

    /// Of one connection each, and not passed on (RFC 9110 section 7.6.1). `Host` is written from the URI.
    private static let dropped: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "te", "upgrade", "proxy-authorization", "proxy-authenticate", "host",
    ]

    private static let kept: Set<String> = ["host", "content-length", "transfer-encoding"]

    init(_ request: RequestHead) throws(ProxyRefusal) {
        guard request.minorVersion == 1 else { throw .unsupported }
        let (authority, path) = try Self.parts(request.target)
        target = try Target(authority: authority, port: 80)
        let hosts = request.values("host")
        guard hosts.count == 1 else { throw .malformed }
        guard (try? Target(authority: hosts[0], port: 80)) == target else { throw .otherHost }
        framing = try BodyFraming(request)
        let named = Set(request.values("connection").flatMap(Self.tokens))
        // To drop one of these would change where the request ends, or whose it is.
        guard named.isDisjoint(with: Self.kept) else { throw .malformed }
        head = Self.written(request, path, target, without: Self.dropped.union(named))
    }

    private static func written(_ request: RequestHead, _ path: [UInt8], _ target: Target, without dropped: Set<String>) -> [UInt8] {
        var head = Array("\(request.method) ".utf8) + path
        head += Array(" HTTP/1.1\r\nHost: \(target.port == 80 ? target.name.text : target.description)\r\n".utf8)
        for field in request.fields where !dropped.contains(field.name) { head += Array("\(field.name): ".utf8) + field.value + [13, 10] }
        return head + Array("Connection: close\r\n\r\n".utf8)
    }

    /// Authority and path with query; of http only, without user and fragment.
    private static func parts(_ uri: ArraySlice<UInt8>) throws(ProxyRefusal) -> (ArraySlice<UInt8>, [UInt8]) {
        let scheme = Array("http://".utf8)
        let start = uri.prefix(scheme.count).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard start == scheme else { throw .unsupported }
        let rest = uri.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let path = Array(rest.dropFirst(authority.count))
        guard !authority.contains(UInt8(ascii: "@")), !path.contains(UInt8(ascii: "#")) else { throw .malformed }
        return (authority, path.first == UInt8(ascii: "/") ? path : [UInt8(ascii: "/")] + path)
    }

    private static func tokens(_ value: ArraySlice<UInt8>) -> [String] {
        value.split(separator: UInt8(ascii: ",")).map { part in
            let letters = part.filter { $0 != 32 && $0 != 9 }.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            return String(decoding: letters, as: UTF8.self)
        }
    }
}
