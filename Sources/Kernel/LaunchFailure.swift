public import Descriptors

/// A step of a launch, in order. Raw values are stable: they stand in receipts and messages.
public enum LaunchStep: String, Sendable, Hashable, CaseIterable {
    case takeUsers = "take-users"
    case findPaths = "find-paths"
    case makeScope = "make-scope"
    case loadPrograms = "load-programs"
    case makeRuleset = "make-ruleset"
    case makeFilter = "make-filter"
    case openSpool = "open-spool"
    case makeDescriptors = "make-descriptors"
    case startKeeper = "start-keeper"
    case launchGate = "launch-gate"
    case checkGate = "check-gate"
    case gateReady = "gate-ready"
    case selfTest = "self-test"
    case launchServer = "launch-server"
    case checkServer = "check-server"
    case launchProxy = "launch-proxy"
    case proxyReady = "proxy-ready"
    case recordLaunch = "record-launch"
    case seal = "seal"
}

/// The first step that failed; everything before it is torn down.
public struct LaunchFailure: Error, Sendable, Hashable {
    public var step: LaunchStep
    /// `nil` where no system call is to blame.
    public var error: Errno?
    /// Facts for people: the inner step, the path, what was seen instead.
    public var detail: String

    public init(_ step: LaunchStep, _ error: Errno? = nil, _ detail: String = "") {
        self.step = step
        self.error = error
        self.detail = detail
    }
}

extension LaunchStep {
    /// Runs `body` and names this step when it fails.
    public func run<T: ~Copyable>(_ detail: String = "", _ body: () throws(Errno) -> T) throws(LaunchFailure) -> T {
        do { return try body() } catch { throw LaunchFailure(self, error, detail) }
    }
}
