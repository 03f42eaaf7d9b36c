public import StrictJSON

/// What a name proxy may say to the daemon: anything else is a violation and ends the session.
///
/// | message | when |
/// |---|---|
/// | `ready` | once, before the server is let go |
/// | `failed` | at most once; then the proxy ends |
/// | `ahead` | at most once for each 8 MiB that the spool has grown: the log is to take what waits there |
public enum ProxyMessage: Sendable, Hashable {
    /// It accepts connections, and its spool takes records.
    case ready
    /// It cannot go on.
    case failed(String)
    /// Much waits in the spool.
    case ahead

    /// The longest message.
    public static let sizeLimit = 4_096

    public var json: JSON {
        switch self {
        case .ready: ["proxy": "ready"]
        case .failed(let why): ["proxy": "failed", "why": .string(why)]
        case .ahead: ["proxy": "ahead"]
        }
    }

    /// `nil` for everything that the table does not have.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), case .object(let object) = json, let word = json["proxy"]?.string else { return nil }
        switch (word, object.count) {
        case ("ready", 1): self = .ready
        case ("failed", 2):
            guard let why = json["why"]?.string else { return nil }
            self = .failed(why)
        case ("ahead", 1): self = .ahead
        default: return nil
        }
    }
}
