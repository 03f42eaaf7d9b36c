/// The codes of `BlockReason`, one for each case. Never reused.
public enum BlockCode: String, Sendable, Hashable, CaseIterable {
    // MARK: Rules
    case noRuleApplies = "D101"
    case deniedByRule = "D102"
    case cannotAsk = "D103"
    case inexactNumber = "D104"
    case badToolName = "D105"
    case limitSpent = "D106"
    case budgetSpent = "D107"
    case badAmount = "D108"
    case ambiguousRedaction = "D109"
    case kindDenied = "D110"
    case nameDenied = "D111"

    // MARK: People
    case deniedByPerson = "D121"
    case awaitsApproval = "D122"
    case approvalExpired = "D123"
    case tooLargeToAsk = "D124"
    case questionClosed = "D125"

    // MARK: Definitions
    case driftedDefinition = "D131"
    case unreviewedDefinition = "D132"
    case oversizedDefinition = "D133"

    // MARK: Messages
    case methodDenied = "D201"
    case methodUnknown = "D202"
    case notJSON = "D203"
    case lineTooLong = "D204"
    case notMessage = "D205"
    case batch = "D206"
    case badID = "D207"
    case idInUse = "D208"
    case badParameters = "D209"
    case unexpectedResponse = "D210"
    case unexpectedNotification = "D211"
    case wrongSide = "D212"
    case unterminatedLine = "D213"
    case unknownVersion = "D214"
    case tokenInUse = "D215"
    case unknownRound = "D221"
    case notDeclared = "D222"
    case badAddress = "D223"
    case unknownTask = "D224"
    case unaskedTask = "D225"
    case taskIDInUse = "D226"

    // MARK: The session
    case evidenceUnavailable = "D301"
    case serverEnded = "D302"
    case tooManyPending = "D303"
    case daemonAbsent = "D304"
    case storeUnavailable = "D305"
    case takenBack = "D306"
    case evidenceFull = "D307"
    case evidenceLost = "D308"
    case evidenceBehind = "D309"
    case policySuperseded = "D310"
}
