import Policy

/// What a program of the session's cgroup denied, as the kernel put it into the ring buffer (`struct egress_denial` of `bpf/egress.h`).
public struct KernelDenial: Sendable, Hashable {
    /// CLOCK_MONOTONIC, nanoseconds.
    public let time: UInt64
    public let act: DeniedAct

    /// `nil` for fewer bytes than a record has. More are a later version's, and are passed over.
    public init?(record: [UInt8]) {
        guard record.count >= Self.size else { return nil }
        func number(_ range: Range<Int>) -> UInt64 { record[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        time = number(0..<8)
        let isOfFile = DenyingHook(rawValue: record[34]) == .execute
        act = DeniedAct(
            hook: record[34], process: UInt32(number(8..<12)), family: record[35], protocolNumber: record[36], type: record[37],
            address: IPAddress(mappedBytes: record[16..<32]), port: UInt16(number(32..<34)),
            file: isOfFile ? DeniedFile(record[Self.size...]) : nil)
    }

    public init(time: UInt64, act: DeniedAct) {
        self.time = time
        self.act = act
    }

    /// Bytes of a record. Numbers are little-endian, as on all hosts that this runs on.
    static let size = 40
}

extension IPAddress {
    /// Of 16 bytes, IPv4 as ::ffff:a.b.c.d.
    fileprivate init(mappedBytes bytes: ArraySlice<UInt8>) {
        let halves = [bytes.prefix(8), bytes.dropFirst(8)].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self = IPAddress.v6(high: halves[0], low: halves[1])
    }
}
