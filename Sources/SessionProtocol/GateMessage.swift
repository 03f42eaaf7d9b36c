public import StrictJSON

/// What a gate may say to the daemon. The table of the session socket: anything else is a violation and ends the session.
public enum GateMessage: Sendable, Hashable {
    /// The policy is compiled and the spool takes records; said once, before the server is launched.
    case ready
    /// The gate cannot go on; said at most once, then it ends.
    case failed(String)

    public var json: JSON {
        switch self {
        case .ready: ["gate": "ready"]
        case .failed(let why): ["gate": "failed", "why": .string(why)]
        }
    }

    /// `nil` for everything that the table does not have.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), case .object(let object) = json, let word = json["gate"]?.string else { return nil }
        switch (word, object.count) {
        case ("ready", 1): self = .ready
        case ("failed", 2):
            guard let why = json["why"]?.string else { return nil }
            self = .failed(why)
        default: return nil
        }
    }
}
