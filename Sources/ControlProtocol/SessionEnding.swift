import CLaunch

/// How a session ended: what the keeper writes on the lifeline, once, before it closes. An end without it means that the session was torn down.
public struct SessionEnding: Sendable, Hashable {
    /// Who ended first.
    public enum First: Sendable, Hashable {
        case gate, server
        /// The name proxy, in a session that has one.
        case proxy
        /// `wrap` closed its end.
        case lifeline
        /// The daemon said so, or went away before the session stood.
        case daemon
        /// The self-test found something else than planned.
        case selfTest
        /// A later version knows more.
        case other(UInt32)
    }

    /// How a process ended.
    public enum ProcessEnd: Sendable, Hashable {
        /// It never ran its program.
        case neverStarted
        case exited(Int32)
        case killed(signal: Int32)
        /// Nobody saw it end.
        case unknown
    }

    public var first: First
    public var gate: ProcessEnd
    public var server: ProcessEnd
    /// The launch step that failed; nil when none did.
    public var failure: FailedStep?

    /// A launch step, by the number that the keeper gives it, and its errno.
    public struct FailedStep: Sendable, Hashable {
        public var step: UInt32
        public var error: Int32

        public init(step: UInt32, error: Int32) {
            self.step = step
            self.error = error
        }
    }

    public init(first: First, gate: ProcessEnd, server: ProcessEnd, failure: FailedStep? = nil) {
        self.first = first
        self.gate = gate
        self.server = server
        self.failure = failure
    }

    /// The server ended before it had answered anything, and the gate saw that.
    public var isUnanswered: Bool { gate == .exited(CL_GATE_UNANSWERED) && (first == .server || first == .gate) }

    /// Bytes of what the keeper writes.
    public static var size: Int { MemoryLayout<cl_ending>.size }

    /// Reads what the keeper wrote; nil when it is not that, or of another version.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        let raw = bytes.withUnsafeBytes { $0.loadUnaligned(as: cl_ending.self) }
        guard raw.version == CL_VERSION else { return nil }
        self.init(
            first: First(raw.first), gate: ProcessEnd(raw.gate), server: ProcessEnd(raw.server),
            failure: raw.step == CL_STEP_NONE ? nil : FailedStep(step: raw.step.rawValue, error: raw.error))
    }
}

extension SessionEnding.First {
    fileprivate init(_ role: cl_role) {
        self =
            switch role {
            case CL_ROLE_GATE: .gate
            case CL_ROLE_SERVER: .server
            case CL_ROLE_PROXY: .proxy
            case CL_ROLE_LIFELINE: .lifeline
            case CL_ROLE_DAEMON: .daemon
            case CL_ROLE_SELF_TEST: .selfTest
            default: .other(role.rawValue)
            }
    }
}

extension SessionEnding.ProcessEnd {
    fileprivate init(_ raw: cl_exit) {
        self =
            switch (raw.started, raw.code) {
            case (0, _): .neverStarted
            case (_, 1): .exited(raw.status)
            case (_, 2), (_, 3): .killed(signal: raw.status)
            case (_, _): .unknown
            }
    }

    /// What a shell would say: the exit status, or 128 and the signal; nil where there is none.
    public var shellStatus: Int32? {
        switch self {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        case .neverStarted, .unknown: nil
        }
    }
}
