public import StrictJSON

/// What the daemon says to a gate: answers, that another daemon answers from now on, how far the log has come, and what the session is held to
/// after a reload.
public enum DaemonMessage: Sendable, Hashable {
    case answer(number: Int64, DaemonAnswer)
    /// The gate says `resumed`, and asks again whatever has no last answer.
    case adopted
    /// Somebody is there.
    case present
    /// The log has so many bytes of the session's spool.
    case folded(bytes: Int)
    /// With a descriptor: `GateSections` in a sealed memfd. The gate says `tightened` once it decides by them.
    case sections(number: Int64)
    /// The policy was tightened in a way that a running session cannot be held to: nothing new is let through, what was begun may end.
    case superseded

    public init(number: Int64, _ answer: DaemonAnswer) { self = .answer(number: number, answer) }

    public var json: JSON {
        switch self {
        case .answer(let number, let answer): ["daemon": "answer", "number": .number(JSONNumber(number)), "answer": answer.json]
        case .adopted: ["daemon": "adopted"]
        case .present: ["daemon": "present"]
        case .folded(let bytes): ["daemon": "folded", "bytes": JSON(bytes)]
        case .sections(let number): ["daemon": "sections", "number": .number(JSONNumber(number))]
        case .superseded: ["daemon": "superseded"]
        }
    }

    /// `nil` for everything else.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), case .object(let object) = json else { return nil }
        switch (json["daemon"]?.string, object.count) {
        case ("answer", 3):
            guard let number = json["number"]?.int64, let answer = json["answer"].flatMap(DaemonAnswer.init) else { return nil }
            self = .answer(number: number, answer)
        case ("adopted", 1): self = .adopted
        case ("present", 1): self = .present
        case ("folded", 2):
            guard let bytes = json["bytes"]?.int64.flatMap({ Int(exactly: $0) }), bytes >= 0 else { return nil }
            self = .folded(bytes: bytes)
        case ("sections", 2):
            guard let number = json["number"]?.int64 else { return nil }
            self = .sections(number: number)
        case ("superseded", 1): self = .superseded
        default: return nil
        }
    }
}

/// What became of a request.
public enum DaemonAnswer: Sendable, Hashable {
    /// A hold is listed under this approval id. More follows.
    case held(approval: String)
    /// The call may be made once. By whom: for people and receipts.
    case granted(approval: String, by: String)
    /// `why`: what they want the model to know.
    case denied(approval: String, by: String, why: String?)
    case expired(approval: String)
    /// What was asked for is reserved.
    case leased
    /// Less is left than this charge of the lease takes, by index; nothing of the lease is reserved.
    case exhausted(charge: Int)
    /// The definition is the accepted one.
    case pinned
    /// It is another than the accepted one, or was never accepted where it must be.
    case drifted
    /// It could not be done; why, for people.
    case failed(String)
    /// It could not be done for want of what the daemon keeps such things in.
    case unavailable(String)

    public var isLast: Bool { if case .held = self { false } else { true } }

    public var json: JSON {
        switch self {
        case .held(let approval): ["kind": "held", "approval": .string(approval)]
        case .granted(let approval, let by): ["kind": "granted", "approval": .string(approval), "by": .string(by)]
        case .denied(let approval, let by, let why):
            ["kind": "denied", "approval": .string(approval), "by": .string(by), "why": why.map(JSON.string) ?? .null]
        case .expired(let approval): ["kind": "expired", "approval": .string(approval)]
        case .leased: ["kind": "leased"]
        case .exhausted(let charge): ["kind": "exhausted", "charge": JSON(charge)]
        case .pinned: ["kind": "pinned"]
        case .drifted: ["kind": "drifted"]
        case .failed(let why): ["kind": "failed", "why": .string(why)]
        // A gate that an earlier version started reads it as one that failed.
        case .unavailable(let why): ["kind": "failed", "why": .string(why), "of": "store"]
        }
    }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        switch (json["kind"]?.string, json["approval"]?.string, json["by"]?.string) {
        case ("held", let approval?, nil): self = .held(approval: approval)
        case ("granted", let approval?, let by?): self = .granted(approval: approval, by: by)
        case ("denied", let approval?, let by?): self = .denied(approval: approval, by: by, why: json["why"]?.string)
        case ("expired", let approval?, nil): self = .expired(approval: approval)
        case ("leased", nil, nil): self = .leased
        case ("exhausted", nil, nil):
            guard let charge = json["charge"]?.int64.flatMap({ Int(exactly: $0) }), charge >= 0 else { return nil }
            self = .exhausted(charge: charge)
        case ("pinned", nil, nil): self = .pinned
        case ("drifted", nil, nil): self = .drifted
        case ("failed", nil, nil):
            guard let why = json["why"]?.string else { return nil }
            self = json["of"]?.string == "store" ? .unavailable(why) : .failed(why)
        default: return nil
        }
    }
}
