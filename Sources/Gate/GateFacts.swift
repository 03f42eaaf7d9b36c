/// What the gate says of its session in answers and lines.
public struct GateFacts: Sendable, Hashable {
    /// The server's name, for people.
    public let server: String
    /// SHA-256 of the policy's canonical form, in hex.
    public let policyDigest: String
    /// No line per decision.
    public let isQuiet: Bool

    public init(server: String, policyDigest: String, isQuiet: Bool) {
        self.server = server
        self.policyDigest = policyDigest
        self.isQuiet = isQuiet
    }
}
