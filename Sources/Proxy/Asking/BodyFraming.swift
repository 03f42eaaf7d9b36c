/// How far the body of a request goes (RFC 9112 section 6), where that can be said in one way.
public enum BodyFraming: Sendable, Hashable {
    /// So many bytes, perhaps none.
    case length(Int)
    case chunked

    init(_ head: RequestHead) throws(ProxyRefusal) {
        let lengths = head.values("content-length"), codings = head.values("transfer-encoding")
        guard lengths.count <= 1, codings.count <= 1, lengths.isEmpty || codings.isEmpty else { throw .malformed }
        if let coding = codings.first {
            guard coding.elementsEqual("chunked".utf8), head.minorVersion == 1 else { throw .malformed }
            self = .chunked
        } else if let length = lengths.first {
            guard let length = Self.decimal(length) else { throw .malformed }
            self = .length(length)
        } else {
            self = .length(0)
        }
    }

    private static func decimal(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard (1...15).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1 & 0xf) }
    }
}
