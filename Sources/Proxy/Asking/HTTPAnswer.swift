/// What the proxy itself answers over HTTP.
enum HTTPAnswer {
    static let connected = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)

    static func refusal(_ refusal: ProxyRefusal) -> [UInt8] {
        let text = "sandboxd: \(refusal.sentence)\n"
        let head =
            "HTTP/1.1 \(status(refusal))\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array((head + text).utf8)
    }

    private static func status(_ refusal: ProxyRefusal) -> String {
        switch refusal {
        case .malformed: "400 Bad Request"
        case .unsupported: "501 Not Implemented"
        case .tooLong: "431 Request Header Fields Too Large"
        case .late: "408 Request Timeout"
        case .otherHost: "400 Bad Request"
        case .address, .badName, .notPermitted, .notTLS, .noName, .hiddenName, .otherName, .insideAddress: "403 Forbidden"
        case .unresolved, .unreachable: "502 Bad Gateway"
        }
    }
}

extension ProxyRefusal {
    /// For whoever asked: a model reads it, and may find another way that is permitted.
    var sentence: String {
        switch self {
        case .malformed: "this is no request that the proxy reads"
        case .unsupported: "the proxy knows HTTP CONNECT, requests of http URIs by HTTP/1.1, and SOCKS5 connections by name"
        case .tooLong: "the head of the request is longer than the proxy reads"
        case .late: "the request did not come to its end in time"
        case .address: "an address is not permitted here; the policy permits names"
        case .badName: "this is no name of a host as policies write it"
        case .otherHost: "the Host of the request is not the name it is for"
        case .notPermitted: "the policy does not permit this name and port"
        case .notTLS: "the policy permits TLS there, and nothing else"
        case .noName: "the connection begins without the name it is for"
        case .hiddenName: "the connection hides the name it is for"
        case .otherName: "the connection asks for another name than it was made for"
        case .unresolved: "no nameserver knows an address of this name"
        case .insideAddress: "the name leads to an address that is not public"
        case .unreachable: "nobody answers at the addresses of this name"
        }
    }
}
