public import Policy

/// Why a message is not forwarded. Closed; the codes are stable in answers, receipts and tests, and are never reused.
public enum BlockReason: Error, Sendable, Hashable {
    // MARK: Rules
    /// No rule applies to the call, and the default of the policy, or of a layer, is deny.
    case noRuleApplies(layer: String?)
    case deniedByRule(RuleID, why: String?)
    /// The rule asks for a person, and nobody can be asked yet.
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

    // MARK: The session
    /// The decision could not be recorded.
    case evidenceUnavailable
    /// The server has ended.
    case serverEnded
    /// Too many requests are pending.
    case tooManyPending

    public var code: String {
        switch self {
        case .noRuleApplies: "D101"
        case .deniedByRule: "D102"
        case .cannotAsk: "D103"
        case .inexactNumber: "D104"
        case .badToolName: "D105"
        case .limitSpent: "D106"
        case .budgetSpent: "D107"
        case .badAmount: "D108"
        case .ambiguousRedaction: "D109"
        case .methodDenied: "D201"
        case .methodUnknown: "D202"
        case .notJSON: "D203"
        case .lineTooLong: "D204"
        case .notMessage: "D205"
        case .batch: "D206"
        case .badID: "D207"
        case .idInUse: "D208"
        case .badParameters: "D209"
        case .unexpectedResponse: "D210"
        case .unexpectedNotification: "D211"
        case .wrongSide: "D212"
        case .unterminatedLine: "D213"
        case .evidenceUnavailable: "D301"
        case .serverEnded: "D302"
        case .tooManyPending: "D303"
        }
    }
}
