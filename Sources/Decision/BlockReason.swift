public import Policy

/// Why a message is not forwarded. Closed; the codes are stable in answers, receipts and tests, and are never reused.
public enum BlockReason: Error, Sendable, Hashable {
    // MARK: Rules
    /// No rule applies to the call, and the default of the policy, or of a layer, is deny.
    case noRuleApplies(layer: String?)
    case deniedByRule(RuleID, why: String?)
    /// The rule asks for a person, and in this session nobody can be asked.
    case cannotAsk(RuleID)
    /// An argument is a number that not every reader reads alike.
    case inexactNumber(token: String)
    /// The tool's name is not 1 to 128 characters of `A-Za-z0-9_.-`.
    case badToolName
    /// The rule's limit of calls is reached.
    case limitSpent(RuleID, CallLimit)
    /// The call would take more from the budget than is left.
    case budgetSpent(RuleID, budget: String)
    /// What a budget is charged with is missing, no number, negative, or no number that is added exactly.
    case badAmount(RuleID, budget: String, pointer: String)
    /// A value is to be masked, and programs disagree about which one it is.
    case ambiguousRedaction(pointer: String)
    /// No message of this kind is permitted.
    case kindDenied(MessageKind, layer: String?)
    /// Others of this kind are permitted, by their names or URIs.
    case nameDenied(MessageKind, layer: String?)

    // MARK: People
    /// Somebody who may decide said no.
    case deniedByPerson(RuleID, by: String, why: String? = nil)
    /// Nobody has decided yet, and the call waits no longer; the same call can be made again.
    case awaitsApproval(RuleID, approval: String)
    /// Nobody decided in time.
    case approvalExpired(RuleID)
    /// More arguments than a person could judge, or than are kept.
    case tooLargeToAsk(RuleID)
    /// An answer to a question that is not open, or not about this call.
    case questionClosed

    // MARK: Definitions
    /// The server says something else of the tool than what was accepted.
    case driftedDefinition
    /// Nobody has reviewed what the server says of the tool, and the policy requires it.
    case unreviewedDefinition
    /// More than is kept of one definition.
    case oversizedDefinition

    // MARK: Messages
    /// A method that is known and denied.
    case methodDenied
    case methodUnknown
    /// Not one strict JSON document.
    case notJSON
    /// More bytes than a line may have.
    case lineTooLong
    /// JSON, but not one well-formed JSON-RPC message.
    case notMessage
    /// A batch.
    case batch
    /// The id is missing where one is needed, or no string or integer within ±2^53.
    case badID
    /// The progress token belongs to a request of the same side that is still pending.
    case tokenInUse
    /// The id belongs to a request that is still pending.
    case idInUse
    /// The members of a request do not have the form that its method prescribes.
    case badParameters
    /// A response to nothing that was asked.
    case unexpectedResponse
    /// A notification about something that the receiver does not know of.
    case unexpectedNotification
    /// In this protocol era this side may not send this.
    case wrongSide
    /// Bytes after the last line end.
    case unterminatedLine
    /// A version of the protocol that is not known here.
    case unknownVersion(String)
    /// What a request is retried with is nothing that the server asked for, or its state is none that it gave for that request.
    case unknownRound
    /// The client did not say that it can do what the server asks for.
    case notDeclared
    /// A person would be sent to an address that is no plain web address.
    case badAddress
    /// No call that was forwarded in this session became a task under this id.
    case unknownTask
    /// A call was answered with a task, and its client had not said that it takes one.
    case unaskedTask
    /// A call was answered with the id of another one's task.
    case taskIDInUse

    // MARK: The session
    /// The decision could not be recorded.
    case evidenceUnavailable
    /// It could not be recorded for want of room.
    case evidenceFull
    /// The disk did not take what was recorded, and what it has is not known: nothing more is recorded in this session.
    case evidenceLost
    /// What was recorded waits for the log, which has not taken it for so long that no more may be added.
    case evidenceBehind
    /// The policy was tightened while the session ran, in a way that the running server cannot be held to: the session is about to end.
    case policySuperseded
    /// The server has ended.
    case serverEnded
    /// Too many requests are pending.
    case tooManyPending
    /// The daemon, which is needed for this, does not answer.
    case daemonAbsent
    /// The daemon cannot read or write what this depends on.
    case storeUnavailable
    /// The client cancelled a call before it was forwarded.
    case takenBack

    /// Stable: in answers, receipts and tests.
    public var code: String { kind.rawValue }

    /// Which of them it is, without what it carries.
    public var kind: BlockCode {
        switch self {
        case .noRuleApplies: .noRuleApplies
        case .deniedByRule: .deniedByRule
        case .cannotAsk: .cannotAsk
        case .inexactNumber: .inexactNumber
        case .badToolName: .badToolName
        case .limitSpent: .limitSpent
        case .budgetSpent: .budgetSpent
        case .badAmount: .badAmount
        case .ambiguousRedaction: .ambiguousRedaction
        case .deniedByPerson: .deniedByPerson
        case .awaitsApproval: .awaitsApproval
        case .approvalExpired: .approvalExpired
        case .tooLargeToAsk: .tooLargeToAsk
        case .questionClosed: .questionClosed
        case .kindDenied: .kindDenied
        case .nameDenied: .nameDenied
        case .driftedDefinition: .driftedDefinition
        case .unreviewedDefinition: .unreviewedDefinition
        case .oversizedDefinition: .oversizedDefinition
        case .methodDenied: .methodDenied
        case .methodUnknown: .methodUnknown
        case .notJSON: .notJSON
        case .lineTooLong: .lineTooLong
        case .notMessage: .notMessage
        case .batch: .batch
        case .badID: .badID
        case .idInUse: .idInUse
        case .tokenInUse: .tokenInUse
        case .badParameters: .badParameters
        case .unexpectedResponse: .unexpectedResponse
        case .unexpectedNotification: .unexpectedNotification
        case .wrongSide: .wrongSide
        case .unterminatedLine: .unterminatedLine
        case .unknownVersion: .unknownVersion
        case .unknownRound: .unknownRound
        case .notDeclared: .notDeclared
        case .badAddress: .badAddress
        case .unknownTask: .unknownTask
        case .unaskedTask: .unaskedTask
        case .taskIDInUse: .taskIDInUse
        case .evidenceUnavailable: .evidenceUnavailable
        case .evidenceFull: .evidenceFull
        case .evidenceLost: .evidenceLost
        case .evidenceBehind: .evidenceBehind
        case .policySuperseded: .policySuperseded
        case .serverEnded: .serverEnded
        case .tooManyPending: .tooManyPending
        case .daemonAbsent: .daemonAbsent
        case .storeUnavailable: .storeUnavailable
        case .takenBack: .takenBack
        }
    }
}
