import Policy

extension PolicyDifference {
    static func settings(_ first: ResolvedPolicy, _ second: ResolvedPolicy) -> [PolicyChange] {
        PolicySetting.allCases.compactMap { setting in
            let (old, new) = (first.text(of: setting), second.text(of: setting))
            return old == new ? nil : .setting(setting, from: old, to: new)
        } + both(variables, first, second)
    }

    private static func variables(_ old: ResolvedPolicy, _ new: ResolvedPolicy) -> [PermittedPart] {
        let before = old.variables
        return new.variables.filter { name in !before.contains { $0.utf8.elementsEqual(name.utf8) } }.map { .variable($0) }
    }
}

extension ResolvedPolicy {
    /// What the server is given of the caller's environment.
    fileprivate var variables: [String] {
        let clause = policy.server.environment
        return clause.pass.map(\.value.name) + clause.secret.map(\.value.name)
    }

    /// A setting as text to be compared and shown.
    fileprivate func text(of setting: PolicySetting) -> String? {
        switch setting {
        case .command: policy.server.command.map { $0.joined(separator: " ") }
        case .cwd: policy.server.cwd?.value
        case .user: (policy.server.user?.value ?? (launch.caller.uid == 0 ? .session : .caller)).rawValue
        case .environment: Self.text(policy.server.environment.set)
        case .pins: policy.tools.pins?.value.rawValue
        case .evidenceArguments: (policy.evidence.arguments?.value ?? .commitment).rawValue
        case .evidenceDurability: (policy.evidence.durability?.value ?? .process).rawValue
        case .evidenceKeep: (policy.evidence.keep?.value ?? .forever).text
        case .approvers: policy.approvals.by.map { $0.map(\.value.text).joined(separator: ", ") }
        case .grantTime: policy.approvals.within.map { "\($0.value) s" }
        case .waitTime: policy.approvals.wait.map { "\($0.value) s" }
        }
    }

    private static func text(_ variables: [String: String]) -> String? {
        guard !variables.isEmpty else { return nil }
        return variables.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ", ")
    }
}

extension EvidenceClause.Retention {
    fileprivate var text: String {
        switch self {
        case .forever: "forever"
        case .seconds(let seconds): seconds % 86_400 == 0 ? "\(seconds / 86_400) days" : "\(seconds) s"
        }
    }
}

extension ApprovalsClause.Approver {
    fileprivate var text: String {
        switch self {
        case .caller: "caller"
        case .group(let name): "group:\(name)"
        case .user(let name): "user:\(name)"
        }
    }
}
