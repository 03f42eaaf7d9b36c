/// What a receipt tells of. The raw values stand in logs and are never reworded or used again.
public enum ReceiptKind: String, CaseIterable, Hashable, Sendable {
    /// A session began: policy, plan, host, command, who asked.
    case launch
    /// A policy was refused; nothing started.
    case refusal
    /// What the gate did with one input: forward, hold, block.
    case decision
    /// A call waits for a person.
    case hold
    /// A person approved, once.
    case grant
    /// What came back for a forwarded call.
    case outcome
    /// The kernel stopped an act.
    case kernelDenial = "kernel-denial"
    /// A pinned tool definition changed.
    case drift
    /// A session ended, and how.
    case exit
    /// What the name proxy did with one connection: opened, refused, closed.
    case connection
    /// A package was prepared, taken away, or found to be another than was prepared.
    case preparation
    /// Of the daemon and its log themselves.
    case lifecycle

    /// What a name proxy may state of itself in a spool of its own.
    public static let ofProxy: Set<ReceiptKind> = [.connection, .lifecycle]

    /// What a gate may state of itself in a spool; the rest is the daemon's to say.
    public static let ofGate: Set<ReceiptKind> = [.decision, .hold, .outcome, .kernelDenial, .drift, .lifecycle]
}

extension ReceiptKind {
    /// The byte in a spool frame. Never used again for another kind.
    var spoolCode: UInt8 {
        switch self {
        case .launch: 1
        case .refusal: 2
        case .decision: 3
        case .hold: 4
        case .grant: 5
        case .outcome: 6
        case .kernelDenial: 7
        case .drift: 8
        case .exit: 9
        case .lifecycle: 10
        case .connection: 11
        case .preparation: 12
        }
    }

    init?(spoolCode: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.spoolCode == spoolCode }) else { return nil }
        self = kind
    }
}
