public import Policy
import StrictJSON

/// What a call is answered with when it cannot be done. Facts, never sentences.
public enum ControlError: Error, Sendable, Hashable {
    /// The policy cannot be enforced as asked; nothing was started. `entry`: of the refusals ledger, where it was recorded.
    case refused(Refusal, entry: String? = nil)
    /// The policy is fine; a step of the launch was not. Nothing is left running.
    case launchFailed(LaunchFault)
    /// This peer may not ask for this.
    case notPermitted(problem: String)
    /// There is none, or it is not this peer's to see.
    case noSuchSession(String)
    /// There is none, or it is not this peer's to see.
    case noSuchApproval(String)
    /// There is none to review, or it is not this peer's.
    case noSuchPin(String)
    /// There is none, or it is not this peer's.
    case noSuchRefusal(String)
    /// Nothing was erased.
    case notErased(problem: String)
    /// What is kept of earlier sessions cannot be read or written.
    case storeUnavailable(problem: String)
    /// The log of receipts cannot be written.
    case logUnavailable(problem: String)
    /// A parameter is missing, of another type, or not what it should be.
    case invalidParameter(String)
    case interfaceNotFound(String)
    case methodNotFound(String)
    case methodNotImplemented(String)
    /// The method is answered again and again, and the call did not say that it wants that.
    case expectedMore
}

/// The first step of a launch that failed.
public struct LaunchFault: Error, Sendable, Hashable {
    /// The step's name, e.g. `landlock`.
    public var step: String
    /// The name of an errno, or what was seen.
    public var error: String
    /// What it was about, e.g. a path; may be empty.
    public var detail: String
    /// What the caller should exit with: 125 not launched, 126 cannot be executed, 127 not found.
    public var status: Int32

    public init(step: String, error: String, detail: String = "", status: Int32 = 125) {
        self.step = step
        self.error = error
        self.detail = detail
        self.status = status
    }
}

extension ControlError {
    /// The message that tells it.
    var message: JSONObject {
        JSONObject([("error", .string(name.rawValue)), ("parameters", .object(parameters))])
    }

    private var name: ControlInterface.ErrorName {
        switch self {
        case .refused: .refused
        case .launchFailed: .launchFailed
        case .notPermitted: .notPermitted
        case .noSuchSession: .noSuchSession
        case .noSuchApproval: .noSuchApproval
        case .noSuchPin: .noSuchPin
        case .noSuchRefusal: .noSuchRefusal
        case .notErased: .notErased
        case .storeUnavailable: .storeUnavailable
        case .logUnavailable: .logUnavailable
        case .invalidParameter: .invalidParameter
        case .interfaceNotFound: .interfaceNotFound
        case .methodNotFound: .methodNotFound
        case .methodNotImplemented: .methodNotImplemented
        case .expectedMore: .expectedMore
        }
    }

    private var parameters: JSONObject {
        switch self {
        case .refused(let refusal, let entry):
            JSONObject([("reasons", .array(refusal.reasons.all.map(\.json))), ("entry", entry.map(JSON.string) ?? .null)])
        case .launchFailed(let fault): fault.parameters
        case .notPermitted(let problem): JSONObject([("problem", .string(problem))])
        case .noSuchPin(let pin): JSONObject([("pin", .string(pin))])
        case .noSuchRefusal(let refusal): JSONObject([("refusal", .string(refusal))])
        case .storeUnavailable(let problem), .notErased(let problem), .logUnavailable(let problem):
            JSONObject([("problem", .string(problem))])
        case .noSuchSession(let session): JSONObject([("session", .string(session))])
        case .noSuchApproval(let approval): JSONObject([("approval", .string(approval))])
        case .invalidParameter(let parameter): JSONObject([("parameter", .string(parameter))])
        case .interfaceNotFound(let interface): JSONObject([("interface", .string(interface))])
        case .methodNotFound(let method), .methodNotImplemented(let method): JSONObject([("method", .string(method))])
        case .expectedMore: JSONObject()
        }
    }

    /// Reads an error; nil when it is none of these.
    init?(name: String, parameters: JSONObject) {
        guard let name = ControlInterface.ErrorName(rawValue: name) else { return nil }
        let text = { (member: String) in parameters[member]?.string ?? "" }
        switch name {
        case .refused:
            guard let refusal = Refusal(json: parameters["reasons"]) else { return nil }
            self = .refused(refusal, entry: parameters["entry"]?.string)
        case .launchFailed:
            guard let fault = LaunchFault(parameters: parameters) else { return nil }
            self = .launchFailed(fault)
        case .notPermitted: self = .notPermitted(problem: text("problem"))
        case .noSuchSession: self = .noSuchSession(text("session"))
        case .noSuchApproval: self = .noSuchApproval(text("approval"))
        case .noSuchPin: self = .noSuchPin(text("pin"))
        case .noSuchRefusal: self = .noSuchRefusal(text("refusal"))
        case .notErased: self = .notErased(problem: text("problem"))
        case .storeUnavailable: self = .storeUnavailable(problem: text("problem"))
        case .logUnavailable: self = .logUnavailable(problem: text("problem"))
        case .invalidParameter: self = .invalidParameter(text("parameter"))
        case .interfaceNotFound: self = .interfaceNotFound(text("interface"))
        case .methodNotFound: self = .methodNotFound(text("method"))
        case .methodNotImplemented: self = .methodNotImplemented(text("method"))
        case .expectedMore: self = .expectedMore
        }
    }
}

extension LaunchFault {
    fileprivate var parameters: JSONObject {
        JSONObject([("step", .string(step)), ("error", .string(error)), ("detail", .string(detail)), ("status", JSON(Int(status)))])
    }

    fileprivate init?(parameters: JSONObject) {
        guard let step = parameters["step"]?.string, let error = parameters["error"]?.string, let detail = parameters["detail"]?.string,
            let status = parameters["status"]?.int64, (125...127).contains(status)
        else { return nil }
        self.init(step: step, error: error, detail: detail, status: Int32(status))
    }
}

extension Refusal {
    fileprivate init?(json: JSON?) {
        guard let list = json?.array else { return nil }
        let reasons = list.compactMap { Reason(json: $0) }
        guard reasons.count == list.count, let all = NonEmpty(reasons) else { return nil }
        self.init(all)
    }
}
