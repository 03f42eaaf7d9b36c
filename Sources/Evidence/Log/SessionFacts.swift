/// What every receipt of a session repeats, so that a single line says under what it happened.
public struct SessionFacts: Hashable, Sendable {
    /// Letters, digits, `-`, `_` and `.`; at most 64.
    public let session: String
    public var policy: Digest?
    public var plan: Digest?
    public var host: Digest?

    /// nil for an identifier that is not one.
    public init?(session: String, policy: Digest? = nil, plan: Digest? = nil, host: Digest? = nil) {
        guard Self.isIdentifier(session) else { return nil }
        self.session = session
        self.policy = policy
        self.plan = plan
        self.host = host
    }

    /// What follows a session's id where its name proxy's receipts stand: they have numbers of their own.
    public static let proxySuffix = ".names"

    static func isIdentifier(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBufferPointer { isIdentifier($0) }
    }

    static func isIdentifier(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        (1...64).contains(text.count)
            && text.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }
}
