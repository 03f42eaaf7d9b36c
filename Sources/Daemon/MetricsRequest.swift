/// As much of HTTP/1.1 (RFC 9112) as a reader of metrics needs: one request without a body, and its answer; then the connection is closed.
enum MetricsRequest: Sendable, Hashable {
    /// What was read is not a whole request yet.
    case incomplete
    case metrics
    case refused(Refusal)

    enum Refusal: String, Sendable, Hashable, CaseIterable {
        case malformed = "400 Bad Request"
        case otherPath = "404 Not Found"
        case otherMethod = "405 Method Not Allowed"
        case tooLarge = "431 Request Header Fields Too Large"
    }

    /// Bytes of a request.
    static let limit = 8 << 10

    init(_ bytes: [UInt8]) {
        guard let end = Self.end(of: bytes) else {
            self = bytes.count > Self.limit ? .refused(.tooLarge) : .incomplete
            return
        }
        self = end > Self.limit ? .refused(.tooLarge) : Self.judged(bytes[..<end])
    }

    /// Where the empty line ends.
    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let ending: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        return (0...(bytes.count - 4)).first { bytes[$0..<$0 + 4].elementsEqual(ending) }.map { $0 + 4 }
    }

    private static func judged(_ head: ArraySlice<UInt8>) -> MetricsRequest {
        let line = head.prefix { $0 != 0x0D }
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return .refused(.malformed) }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0", !words[0].isEmpty else { return .refused(.malformed) }
        guard words[0] == "GET" else { return .refused(.otherMethod) }
        guard words[1] == "/metrics" else { return .refused(.otherPath) }
        return .metrics
    }

    /// The bytes of an answer.
    static func answer(_ status: String, type: String, _ body: String) -> [UInt8] {
        let head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + Array(body.utf8)
    }

    static func answer(_ refusal: Refusal) -> [UInt8] {
        answer(refusal.rawValue, type: "text/plain; charset=utf-8", refusal.rawValue + "\n")
    }
}
