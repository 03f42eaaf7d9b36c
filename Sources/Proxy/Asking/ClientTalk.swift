/// What a client says until it is clear where it wants to be connected to: HTTP CONNECT, a request with an absolute URI, or SOCKS5. Pure.
public struct ClientTalk: Sendable {
    /// How the client is answered, and what goes to the server first.
    public enum Way: Sendable, Hashable {
        case connect
        case socks
        case forward(head: [UInt8], BodyFraming)
    }

    public enum Step: Sendable, Hashable {
        /// More bytes are needed; these are to be sent first.
        case needsMore(answer: [UInt8])
        /// So many bytes were read; what follows them belongs to the connection.
        case asks(Target, Way, read: Int)
        /// The client is to be sent this, and is done with.
        case refuses(ProxyRefusal, answer: [UInt8])
    }

    private enum Place {
        case start, http
        case socksRequest(from: Int)
    }

    private var place = Place.start
    private var searched = 0

    public init() {}

    /// What is to be done, by all bytes since the beginning.
    public mutating func read(_ bytes: [UInt8]) -> Step {
        switch place {
        case .start:
            guard let first = bytes.first else { return .needsMore(answer: []) }
            if first == SocksRequest.version { return greeting(bytes) }
            guard RequestHead.isOfToken(first) else { return .refuses(.malformed, answer: []) }
            place = .http
            return http(bytes)
        case .http: return http(bytes)
        case .socksRequest(let start): return socks(bytes, from: start)
        }
    }

    // MARK: HTTP

    private mutating func http(_ bytes: [UInt8]) -> Step {
        guard let end = RequestHead.end(in: bytes[...], from: searched) else {
            searched = bytes.count
            return bytes.count < RequestHead.longest ? .needsMore(answer: []) : Self.refusal(.tooLong)
        }
        guard end <= RequestHead.longest else { return Self.refusal(.tooLong) }
        do throws(ProxyRefusal) {
            let head = try RequestHead(bytes[..<end])
            guard head.method == "CONNECT" else {
                let request = try ForwardedRequest(head)
                return .asks(request.target, .forward(head: request.head, request.framing), read: end)
            }
            return .asks(try Self.connected(head), .connect, read: end)
        } catch {
            return Self.refusal(error)
        }
    }

    /// A CONNECT has no body (RFC 9110 section 9.3.6): what comes behind its head is of the connection, whatever a field of it says.
    private static func connected(_ head: RequestHead) throws(ProxyRefusal) -> Target {
        let target = try Target(authority: head.target)
        guard try BodyFraming(head) == .length(0) else { throw .malformed }
        let hosts = head.values("host")
        guard hosts.count <= 1 else { throw .malformed }
        if let host = hosts.first, (try? Target(authority: host, port: target.port)) != target { throw .otherHost }
        return target
    }

    private static func refusal(_ refusal: ProxyRefusal) -> Step {
        .refuses(refusal, answer: HTTPAnswer.refusal(refusal))
    }

    // MARK: SOCKS5 (RFC 1928)

    private mutating func greeting(_ bytes: [UInt8]) -> Step {
        guard let methods = SocksRequest.methods(bytes) else { return .needsMore(answer: []) }
        guard methods.contains(SocksRequest.withoutAuthentication) else { return .refuses(.unsupported, answer: SocksRequest.noMethod) }
        place = .socksRequest(from: 2 + methods.count)
        // Whoever does not wait for the answer has sent the request already.
        guard bytes.count > 2 + methods.count else { return .needsMore(answer: SocksRequest.chosenMethod) }
        return .refuses(.malformed, answer: SocksRequest.noMethod)
    }

    private func socks(_ bytes: [UInt8], from start: Int) -> Step {
        do throws(ProxyRefusal) {
            guard let request = try SocksRequest(bytes[start...]) else { return .needsMore(answer: []) }
            return .asks(request.target, .socks, read: start + request.length)
        } catch {
            return .refuses(error, answer: SocksRequest.answer(error))
        }
    }
}
