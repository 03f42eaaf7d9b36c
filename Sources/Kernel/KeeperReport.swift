import CLaunch
public import Descriptors

/// What a keeper says (`cl_session.h`).
public enum KeeperReport: Sendable, Hashable {
    case hello(session: String, gateRuns: Bool, serverRuns: Bool, isSealed: Bool)
    case armed(KeeperChannel.Role, pid: Int32)
    case running(KeeperChannel.Role, pid: Int32)
    /// `step` as `enum cl_step` numbers it.
    case failed(KeeperChannel.Role?, step: UInt32, error: Errno)
    case trial(TrialResult)
    case trialsDone(count: Int)
    case sealed
    case ended(KeeperEnding)

    init(_ report: cl_report) throws(KeeperFault) {
        let role = KeeperChannel.Role(rawValue: report.role.rawValue)
        switch report.kind {
        case CL_REPORT_HELLO: self = Self.hello(report)
        case CL_REPORT_ARMED: self = .armed(try Self.known(role, report), pid: report.pid)
        case CL_REPORT_RUNNING: self = .running(try Self.known(role, report), pid: report.pid)
        case CL_REPORT_FAILED: self = .failed(role, step: report.step.rawValue, error: Errno(code: report.error))
        case CL_REPORT_TRIAL: self = .trial(TrialResult(report.trial))
        case CL_REPORT_TRIALS_DONE: self = .trialsDone(count: Int(report.trial.index))
        case CL_REPORT_SEALED: self = .sealed
        case CL_REPORT_ENDED: self = .ended(KeeperEnding(report.ending))
        default: throw .unknownReport(report.kind.rawValue)
        }
    }

    /// It tells how far a launch has come.
    public var isOfLaunch: Bool {
        switch self {
        case .armed, .running, .failed, .trial, .trialsDone, .sealed: true
        case .hello, .ended: false
        }
    }

    private static func known(_ role: KeeperChannel.Role?, _ report: cl_report) throws(KeeperFault) -> KeeperChannel.Role {
        guard let role else { throw .unknownReport(report.kind.rawValue) }
        return role
    }

    private static func hello(_ report: cl_report) -> KeeperReport {
        let name = withUnsafeBytes(of: report.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return .hello(
            session: name, gateRuns: report.state & UInt32(CL_STATE_GATE_RUNS) != 0,
            serverRuns: report.state & UInt32(CL_STATE_SERVER_RUNS) != 0,
            isSealed: report.state & UInt32(CL_STATE_SEALED) != 0)
    }
}

/// What came of one trial.
public struct TrialResult: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// It could not be tried, or shows nothing, since the same act fails unconfined as well; the errno says why.
        case untried(Errno)
        case permitted
        case denied(Errno)
    }

    public var index: Int
    public var outcome: Outcome

    init(_ result: cl_trial_result) {
        index = Int(result.index)
        switch result.outcome {
        case CL_OUTCOME_PERMITTED: outcome = .permitted
        case CL_OUTCOME_DENIED where result.control != 0: outcome = .denied(Errno(code: result.error))
        default: outcome = .untried(Errno(code: result.error))
        }
    }
}

/// How one process ended (waitid(2)).
public enum ProcessEnding: Sendable, Hashable {
    case neverStarted
    case exited(Int32)
    case killed(signal: Int32)
    case unknown

    init(_ exit: cl_exit) {
        switch (exit.started, exit.code) {
        case (0, _): self = .neverStarted
        case (_, 1): self = .exited(exit.status)
        case (_, 2), (_, 3): self = .killed(signal: exit.status)
        default: self = .unknown
        }
    }
}

/// How a session ended.
public struct KeeperEnding: Sendable, Hashable {
    /// Who ended first.
    public enum First: UInt32, Sendable, Hashable {
        case nobody = 0
        case gate = 1
        case server = 2
        case selfTest = 3
        case lifeline = 4
        case daemon = 5
        case proxy = 7

        public var text: String {
            switch self {
            case .nobody: "nobody"
            case .gate: "gate"
            case .server: "server"
            case .selfTest: "self-test"
            case .lifeline: "lifeline"
            case .daemon: "daemon"
            case .proxy: "proxy"
            }
        }
    }

    public var first: First
    /// The step that failed (`enum cl_step`), or 0, and its errno.
    public var step: UInt32
    public var error: Errno
    public var gate: ProcessEnding
    public var server: ProcessEnding
    /// Never started, in most sessions.
    public var proxy: ProcessEnding

    /// Reads the record that a keeper left for a daemon that was away; `nil` where it is short: the keeper did not come that far.
    public init?(record bytes: [UInt8]) {
        guard bytes.count == MemoryLayout<cl_ending>.size else { return nil }
        let ending = bytes.withUnsafeBytes { $0.loadUnaligned(as: cl_ending.self) }
        guard ending.version == UInt32(CL_VERSION) else { return nil }
        self.init(ending)
    }

    init(_ ending: cl_ending) {
        first = First(rawValue: ending.first.rawValue) ?? .nobody
        step = ending.step.rawValue
        error = Errno(code: ending.error)
        gate = ProcessEnding(ending.gate)
        server = ProcessEnding(ending.server)
        proxy = ProcessEnding(ending.proxy)
    }
}
