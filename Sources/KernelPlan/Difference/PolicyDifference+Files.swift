import Policy

extension PolicyDifference {
    static func files(_ first: ResolvedPolicy, _ second: ResolvedPolicy) -> [PolicyChange] {
        [PathAct.read, .list, .write, .execute].flatMap { act in
            both({ old, new in new.paths(act).parts(beyond: old.paths(act)).map { .paths(act, $0) } }, first, second)
        } + both(plainGrants, first, second)
    }

    private static func plainGrants(_ old: ResolvedPolicy, _ new: ResolvedPolicy) -> [PermittedPart] {
        let before = old.plainGrants
        return new.plainGrants.filter { !before.contains($0) }.map { .grant($0) }
    }

    static func processes(_ first: ResolvedPolicy, _ second: ResolvedPolicy) -> [PolicyChange] {
        let (old, new) = (first.policy.processes, second.policy.processes)
        let limits: [(ResourceLimit, Int?, Int?)] = [
            (.tasks, old.tasks?.value, new.tasks?.value), (.memory, old.memory?.value, new.memory?.value),
            (.cpu, old.cpu?.value, new.cpu?.value),
        ]
        return limits.filter { $0.1 != $0.2 }.map { .limit($0.0, from: $0.1, to: $0.2) }
    }
}

extension ResolvedPolicy {
    /// All paths of one act. Writing includes reading; what is executed is read; what starts the server can be read, and executed
    /// where anything can.
    func paths(_ act: PathAct) -> PathTree {
        let files = policy.files
        return switch act {
        case .read: PathTree(Self.roots(files.readable + files.writable) + executable + chain)
        case .list: PathTree(Self.roots(files.readable + files.writable).filter(\.isDirectory))
        case .write: PathTree(Self.roots(files.writable))
        case .execute: PathTree(executable)
        case .connectUnix: PathTree([])
        }
    }

    /// What may be done outside of some directories.
    public func parts(_ act: PathAct, outside roots: [PathRoot]) -> [PathPart] { paths(act).parts(beyond: PathTree(roots)) }

    private static func roots(_ grants: [GrantedPath]) -> [PathRoot] {
        grants.map { PathRoot($0.found.resolved, isDirectory: $0.found.kind == .directory) }
    }

    private var executable: [PathRoot] {
        switch policy.files.executable {
        case .none: []
        case .paths(let paths): Self.roots(paths) + chain
        }
    }

    private var chain: [PathRoot] {
        (launch.chain + launch.executeChain).map { PathRoot($0.facts.resolved, isDirectory: false) }
    }

    /// What is granted whole.
    fileprivate var plainGrants: [PlainGrant] {
        var grants: [PlainGrant] = []
        if policy.files.metadata?.value == .owned { grants.append(.ownedMetadata) }
        if policy.files.protection == .none, !launch.protected.isEmpty { grants.append(.protectedFiles) }
        if policy.files.tmp?.value == .private { grants.append(.temporaryFiles) }
        if policy.files.proc?.value == .session { grants.append(.processFiles) }
        if policy.processes.spawning == .any { grants.append(.processes) }
        return grants
    }
}
