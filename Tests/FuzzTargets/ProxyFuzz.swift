import Policy
import Proxy

/// What a server says to its name proxy.
enum ProxyFuzz {
    /// A request, and what follows it: read in one piece and in many, it comes to the same.
    static func runAsking(_ bytes: [UInt8]) throws(Contradiction) {
        var whole = ClientTalk()
        let step = whole.read(bytes)
        var pieces = ClientTalk()
        var other = ClientTalk.Step.needsMore(answer: [])
        for count in stride(from: 1, through: bytes.count, by: 1) {
            other = pieces.read(Array(bytes[..<count]))
            guard case .needsMore = other else { break }
        }
        switch (step, other) {
        case (.asks(let target, let way, let count), .asks(let otherTarget, let otherWay, let otherCount)):
            try Contradiction.unless(
                target == otherTarget && way == otherWay && count == otherCount, "in pieces it asks for something else")
            if case .forward(let head, let framing) = way { try checkForwarded(head, framing, target, bytes[count...]) }
        // A greeting of SOCKS is answered before its request may come.
        case (.refuses, _) where bytes.first == 5, (.needsMore, .needsMore), (.refuses, .refuses): break
        default: throw Contradiction("in one piece \(step), in many \(other)")
        }
    }

    /// What is passed on is read as one request for the same host, that ends at the same place.
    private static func checkForwarded(
        _ head: [UInt8], _ framing: BodyFraming, _ target: Target, _ rest: ArraySlice<UInt8>
    ) throws(Contradiction) {
        let text = String(decoding: head, as: UTF8.self)
        try Contradiction.unless(text.hasSuffix("\r\nConnection: close\r\n\r\n"), "the connection is not closed")
        try Contradiction.unless(text.split(separator: "\r\n", omittingEmptySubsequences: false).count >= 5, "a head in one line")
        let hosts = text.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("host:") }
        try Contradiction.unless(hosts.count == 1 && hosts[0].hasPrefix("Host: \(target.name)"), "not one Host")
        var body = BodyReader(framing)
        let taken = (try? body.read(rest)) ?? 0
        try Contradiction.unless(taken <= rest.count, "a body beyond its end")
    }

    /// The beginning of a TLS connection.
    static func runHello(_ bytes: [UInt8]) throws(Contradiction) {
        var whole = ClientHelloReader(), pieces = ClientHelloReader()
        let one = Result { () throws(ProxyRefusal) in try whole.read(bytes) }
        var other: Result<ClientHelloReader.Progress, ProxyRefusal> = .success(.needsMore)
        for count in stride(from: 1, through: bytes.count, by: 1) {
            other = Result { () throws(ProxyRefusal) in try pieces.read(Array(bytes[..<count])) }
            guard case .success(.needsMore) = other else { break }
        }
        switch (one, other) {
        case (.success(let one), .success(let other)): try Contradiction.unless(one == other, "in pieces it is another name")
        case (.failure, .failure): break
        default: throw Contradiction("in one piece \(one), in many \(other)")
        }
    }
}
