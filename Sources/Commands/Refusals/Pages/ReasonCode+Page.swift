import Policy

extension ReasonCode {
    /// Exhaustive, so that no code is without a page.
    var page: CodePage {
        switch self {
        case .unreadable: TextPages.unreadable
        case .notYAML: TextPages.notYAML
        case .badCharacters: TextPages.badCharacters
        case .severalDocuments: TextPages.severalDocuments
        case .anchorOrTag: TextPages.anchorOrTag
        case .duplicateKey: TextPages.duplicateKey
        case .unknownKey: TextPages.unknownKey
        case .foreignKey: TextPages.foreignKey
        case .wrongType: TextPages.wrongType
        case .badValue: TextPages.badValue
        case .missingKey: TextPages.missingKey
        case .empty: TextPages.empty
        case .badPattern: ValuePages.badPattern
        case .badEndpoint: ValuePages.badEndpoint
        case .badVariable: ValuePages.badVariable
        case .badInput: ValuePages.badInput
        case .badInclude: ValuePages.badInclude
        case .conflictingIncludes: ValuePages.conflictingIncludes
        case .tooLarge: ValuePages.tooLarge
        case .notEnforcedYet: ValuePages.notEnforcedYet
        case .badArgumentSchema: ValuePages.badArgumentSchema
        case .duplicateRule: ValuePages.duplicateRule
        case .badPath: ValuePages.badPath
        case .loaderVariable: ValuePages.loaderVariable
        case .badCombination: ValuePages.badCombination
        case .badExpression: ValuePages.badExpression
        case .badName: ValuePages.badName
        case .badCondition: RulePages.badCondition
        case .badBudget: RulePages.badBudget
        case .redactsEverything: RulePages.redactsEverything
        case .testFailed: TestPages.testFailed
        case .badAct: TestPages.badAct
        case .notInLayer: LayerPages.notInLayer
        case .foreignLayer: LayerPages.foreignLayer
        case .duplicateLayer: LayerPages.duplicateLayer
        case .inexpressibleTightening: LayerPages.inexpressibleTightening
        case .mechanismUnavailable: HostPages.mechanismUnavailable
        case .needsDaemon: HostPages.needsDaemon
        case .inexpressible: HostPages.inexpressible
        case .foreignPrograms: HostPages.foreignPrograms
        case .unknownSyscall: HostPages.unknownSyscall
        case .unixPathUnavailable: ClausePages.unixPathUnavailable
        case .listenWithoutFilter: ClausePages.listenWithoutFilter
        case .limitWithoutController: ClausePages.limitWithoutController
        case .unixBesideHooks: ClausePages.unixBesideHooks
        case .unspecifiedEndpoint: ClausePages.unspecifiedEndpoint
        case .storeUnavailable: StorePages.notOpened
        case .hiddenGrant: ClausePages.hiddenGrant
        case .pathNotFound: PathPages.pathNotFound
        case .changeableLink: PathPages.changeableLink
        case .kernelFilesystem: PathPages.kernelFilesystem
        case .unusableGrant: PathPages.unusableGrant
        case .ownCage: PathPages.ownCage
        case .severalLinks: PathPages.severalLinks
        case .wrongFileKind: PathPages.wrongFileKind
        case .pathTimedOut: PathPages.pathTimedOut
        case .protectedFile: PathPages.protectedFile
        case .noNameserver: PathPages.noNameserver
        case .rootTarget: CallerPages.rootTarget
        case .badUser: CallerPages.badUser
        case .commandNotFound: CallerPages.commandNotFound
        case .commandNotExecutable: CallerPages.commandNotExecutable
        case .commandGivenTwice: CallerPages.commandGivenTwice
        case .missingVariable: CallerPages.missingVariable
        }
    }
}
