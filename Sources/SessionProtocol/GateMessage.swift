public import StrictJSON

/// What a gate may say to the daemon. The table of the session socket: anything else is a violation and ends the session.
///
/// | message | when |
/// |---|---|
/// | `ready` | once, before the server is launched |
/// | `failed` | at most once; then the gate ends |
/// | `request` | while the session runs; numbers count up from 1, and at most `GateRequest.limit` are open |
/// | `withdraw` | about a request that was made; it gets no answer any more, and what was asked is of no use to anybody |
/// | `detach` | about a `hold` that was made; its call is answered, and whatever is decided is for the next call like it |
/// | `accepted` | about a `hold` that was made, in a session whose caller may decide; it is withdrawn, and counts as approved by the caller |
/// | `ahead` | at most once for each 8 MiB that the spool has grown: the log is to take what waits there |
/// | `presence` | while a `hold` is listed, and not before the last one is answered; answered by `present` |
/// | `tightened` | about the last `sections` of a daemon that it was not said about; calls are decided by them from here on |
/// | `resumed` | once for each `adopted` of a daemon; what was said before it and has no answer is said again behind it |
public enum GateMessage: Sendable, Hashable {
    /// The policy is compiled and the spool takes records.
    case ready
    /// The gate cannot go on.
    case failed(String)
    /// Answered under the same number.
    case request(number: Int64, GateRequest)
    /// The answer is no longer wanted.
    case withdraw(number: Int64)
    /// The call of a hold waits no longer.
    case detach(number: Int64)
    /// Whoever runs the client approved the call in the client's own window.
    case accepted(number: Int64)
    /// Much waits in the spool.
    case ahead
    /// Is somebody there?
    case presence
    /// A daemon took this session over, and is told anew what waits.
    case resumed
    /// Decisions are made by the sections of this number.
    case tightened(number: Int64)

    /// Bytes of the longest message; what socket buffers of every host take.
    public static let sizeLimit = 128 << 10

    public var json: JSON {
        switch self {
        case .ready: ["gate": "ready"]
        case .failed(let why): ["gate": "failed", "why": .string(why)]
        case .request(let number, let request): ["gate": "request", "number": .number(JSONNumber(number)), "request": request.json]
        case .withdraw(let number): ["gate": "withdraw", "number": .number(JSONNumber(number))]
        case .detach(let number): ["gate": "detach", "number": .number(JSONNumber(number))]
        case .accepted(let number): ["gate": "accepted", "number": .number(JSONNumber(number))]
        case .ahead: ["gate": "ahead"]
        case .presence: ["gate": "presence"]
        case .resumed: ["gate": "resumed"]
        case .tightened(let number): ["gate": "tightened", "number": .number(JSONNumber(number))]
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
        case ("request", 3):
            guard let number = json["number"]?.int64, let request = json["request"].flatMap(GateRequest.init) else { return nil }
            self = .request(number: number, request)
        case ("withdraw", 2):
            guard let number = json["number"]?.int64 else { return nil }
            self = .withdraw(number: number)
        case ("detach", 2):
            guard let number = json["number"]?.int64 else { return nil }
            self = .detach(number: number)
        case ("accepted", 2):
            guard let number = json["number"]?.int64 else { return nil }
            self = .accepted(number: number)
        case ("ahead", 1): self = .ahead
        case ("presence", 1): self = .presence
        case ("resumed", 1): self = .resumed
        case ("tightened", 2):
            guard let number = json["number"]?.int64 else { return nil }
            self = .tightened(number: number)
        default: return nil
        }
    }
}
