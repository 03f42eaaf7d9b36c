import Policy

/// A request of SOCKS version 5 (RFC 1928): connecting by name, and nothing else.
struct SocksRequest: Sendable, Hashable {
    static let version: UInt8 = 5
    static let withoutAuthentication: UInt8 = 0
    static let chosenMethod: [UInt8] = [version, withoutAuthentication]
    static let noMethod: [UInt8] = [version, 0xff]

    let target: Target
    /// Bytes that it takes.
    let length: Int

    /// The methods of a greeting; `nil` while it is not whole.
    static func methods(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) else { return nil }
        return bytes[2..<(2 + Int(bytes[1]))]
    }

    /// `nil` while it is not whole.
    init?(_ bytes: ArraySlice<UInt8>) throws(ProxyRefusal) {
        let bytes = Array(bytes)
        guard bytes.count >= 5 else { return nil }
        guard bytes[0] == Self.version, bytes[2] == 0 else { throw .malformed }
        guard bytes[1] == 1 else { throw .unsupported }
        switch bytes[3] {
        case 1, 4: throw .address
        case 3: break
        default: throw .malformed
        }
        let end = 5 + Int(bytes[4])
        guard bytes.count >= end + 2 else { return nil }
        let port = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
        guard port > 0 else { throw .malformed }
        target = Target(name: try Target.name(bytes[5..<end]), port: port)
        length = end + 2
    }

    /// The answer to a request; `nil`: it is granted. The bound address is nobody's business.
    static func answer(_ refusal: ProxyRefusal?) -> [UInt8] { [version, code(refusal), 0, 1, 0, 0, 0, 0, 0, 0] }

    private static func code(_ refusal: ProxyRefusal?) -> UInt8 {
        switch refusal {
        case nil: 0
        case .malformed, .tooLong, .late: 1
        case .address, .badName, .otherHost, .notPermitted, .notTLS, .noName, .hiddenName, .otherName, .insideAddress: 2
        case .unresolved: 4
        case .unreachable: 5
        case .unsupported: 7
        }
    }
}
