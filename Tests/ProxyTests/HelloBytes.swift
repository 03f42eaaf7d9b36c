/// ClientHellos as bytes, good and bad, without a TLS library.
struct HelloBytes {
    var name: String? = "api.example.org"
    var more: [(kind: Int, data: [UInt8])] = [(0x002b, [2, 3, 4])]
    var session = [UInt8](repeating: 7, count: 32)

    static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }

    static func vector(_ bytes: [UInt8], _ count: Int) -> [UInt8] { number(bytes.count, count) + bytes }

    static func serverName(_ name: [UInt8]) -> [UInt8] { vector([0] + vector(name, 2), 2) }

    var extensions: [UInt8] {
        let all = (name.map { [(kind: 0, data: Self.serverName(Array($0.utf8)))] } ?? []) + more
        return all.flatMap { Self.number($0.kind, 2) + Self.vector($0.data, 2) }
    }

    var message: [UInt8] {
        let body = [3, 3] + [UInt8](repeating: 9, count: 32) + Self.vector(session, 1) + Self.vector([0x13, 1], 2) + Self.vector([0], 1)
        return [1] + Self.vector(body + Self.vector(extensions, 2), 3)
    }

    static func record(_ bytes: some Collection<UInt8>, kind: UInt8 = 22) -> [UInt8] { [kind, 3, 1] + vector(Array(bytes), 2) }

    /// In records of this size.
    func bytes(recordsOf size: Int = 1 << 14) -> [UInt8] {
        let message = message
        return stride(from: 0, to: message.count, by: size).flatMap { Self.record(message[$0..<min($0 + size, message.count)]) }
    }
}
