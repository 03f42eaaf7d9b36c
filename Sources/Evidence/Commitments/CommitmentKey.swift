/// What a session's commitments are made with: 32 random bytes that its gate and the daemon alone know, so that nobody guesses a small content
/// from its code.
public struct CommitmentKey: Hashable, Sendable {
    public let bytes: [UInt8]

    public static let size = 32

    /// nil unless there are exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 lower-case hexadecimal digits, with or without a line feed behind them.
    public init?(text: String) {
        guard let bytes = Hex.decode(text.utf8.last == 0x0A ? String(decoding: text.utf8.dropLast(), as: UTF8.self) : text) else {
            return nil
        }
        self.init(bytes: bytes)
    }

    private init(random bytes: [UInt8]) { self.bytes = bytes }

    /// A new random key.
    public static func random() -> CommitmentKey { CommitmentKey(random: SecureRandom.bytes(size)) }

    /// 64 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
}
