import Decision

extension BlockCode {
    /// Exhaustive, so that no code is without a page.
    var page: CodePage {
        switch self {
        case .noRuleApplies: GatePages.noRuleApplies
        case .deniedByRule: GatePages.deniedByRule
        case .cannotAsk: GatePages.cannotAsk
        case .inexactNumber: GatePages.inexactNumber
        case .badToolName: GatePages.badToolName
        case .limitSpent: AllowancePages.limitSpent
        case .budgetSpent: AllowancePages.budgetSpent
        case .badAmount: AllowancePages.badAmount
        case .ambiguousRedaction: AllowancePages.ambiguousRedaction
        case .deniedByPerson: ApprovalPages.deniedByPerson
        case .awaitsApproval: ApprovalPages.awaitsApproval
        case .approvalExpired: ApprovalPages.approvalExpired
        case .tooLargeToAsk: ApprovalPages.tooLargeToAsk
        case .questionClosed: ApprovalPages.questionClosed
        case .daemonAbsent: ApprovalPages.daemonAbsent
        case .kindDenied: KindPages.kindDenied
        case .nameDenied: KindPages.nameDenied
        case .storeUnavailable: StorePages.storeUnavailable
        case .takenBack: StorePages.takenBack
        case .driftedDefinition: PinPages.drifted
        case .unreviewedDefinition: PinPages.unreviewed
        case .oversizedDefinition: PinPages.oversized
        case .methodDenied: MessagePages.methodDenied
        case .methodUnknown: MessagePages.methodUnknown
        case .notJSON: MessagePages.notJSON
        case .lineTooLong: MessagePages.lineTooLong
        case .notMessage: MessagePages.notMessage
        case .batch: MessagePages.batch
        case .badID: MessagePages.badID
        case .idInUse: MessagePages.idInUse
        case .tokenInUse: MessagePages.tokenInUse
        case .badParameters: MessagePages.badParameters
        case .unexpectedResponse: MessagePages.unexpectedResponse
        case .unexpectedNotification: MessagePages.unexpectedNotification
        case .wrongSide: MessagePages.wrongSide
        case .unterminatedLine: MessagePages.unterminatedLine
        case .unknownVersion: MessagePages.unknownVersion
        case .unknownRound: KindPages.unknownRound
        case .notDeclared: KindPages.notDeclared
        case .badAddress: KindPages.badAddress
        case .unknownTask: TaskPages.unknown
        case .unaskedTask: TaskPages.unasked
        case .taskIDInUse: TaskPages.idInUse
        case .evidenceUnavailable: GatePages.evidenceUnavailable
        case .evidenceFull: EvidencePages.full
        case .evidenceLost: EvidencePages.lost
        case .evidenceBehind: EvidencePages.behind
        case .policySuperseded: GatePages.policySuperseded
        case .serverEnded: GatePages.serverEnded
        case .tooManyPending: GatePages.tooManyPending
        }
    }
}
