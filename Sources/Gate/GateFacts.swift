/// What the gate says of its session in answers and lines.
public struct GateFacts: Sendable, Hashable {
    /// The server's name, for people.
    public let server: String
    /// SHA-256 of the policy's canonical form, in hex.
    public let policyDigest: String
    /// No line per decision.
    public let isQuiet: Bool
    /// Whoever runs the client may decide about calls that are held.
    public let callerDecides: Bool
    /// Arguments are handed over, to be kept.
    public let keepsArguments: Bool
    /// Nanoseconds that a question can be answered.
    public let within: UInt64
    /// Nanoseconds that a held call waits in line.
    public let wait: UInt64

    public init(
        server: String, policyDigest: String, isQuiet: Bool, callerDecides: Bool = false, keepsArguments: Bool = false,
        within: UInt64 = 900 * second,
        wait: UInt64 = 45 * second
    ) {
        self.server = server
        self.policyDigest = policyDigest
        self.isQuiet = isQuiet
        self.callerDecides = callerDecides
        self.keepsArguments = keepsArguments
        self.within = within
        self.wait = wait
    }

    /// In nanoseconds.
    public static let second: UInt64 = 1_000_000_000
}
