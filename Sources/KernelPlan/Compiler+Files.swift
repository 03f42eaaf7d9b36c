import Policy

extension Compiler {
    /// `files`, the floor and the command's own chain as rules; reasons for what cannot be granted.
    mutating func files(_ user: UserPlan) -> [LandlockPathRule] {
        checkTruncation()
        for grant in policy.files.writable { checkWrite(grant) }
        for grant in grants { checkLinks(grant) }
        checkPermissions()
        fileTrials()
        return rules()
    }

    private var executed: [GrantedPath] {
        switch policy.files.executable {
        case .none: []
        case .paths(let paths): paths
        }
    }

    private var grants: [GrantedPath] { policy.files.readable + policy.files.writable + executed }

    // MARK: Reasons

    /// Truncation has a right of its own from ABI 3 on. Below, it can be denied everywhere, but not permitted in some places.
    private mutating func checkTruncation() {
        guard host.landlockABI < 3 else { return }
        groups.append(SeccompClauses.truncateNone)
        guard let first = policy.files.writable.first else { return }
        refuse(
            .inexpressible, at: first.location,
            [
                "clause": "files.write", "mechanism": Mechanism.landlockFiles.rawValue,
                "gap": "Landlock ABI \(host.landlockABI) has no right for truncation; it needs ABI 3 (Linux 6.2)",
            ])
    }

    private mutating func checkWrite(_ grant: GrantedPath) {
        if grant.found.kind != .directory {
            refuse(.notEnforcedYet, at: grant.location, ["place": "files.write", "value": "a single file"])
        }
        let own = launch.chain.map { LaunchFacts.Cage(path: $0.facts.resolved, what: "the server's own \($0.role.rawValue)") }
        for cage in launch.cages + own where cage.path.isBeneath(grant.found.resolved) {
            refuse(.ownCage, at: grant.location, ["path": grant.path, "reaches": cage.path, "what": cage.what])
        }
        checkProtected(grant)
    }

    /// Landlock cannot take a file out of a directory that is granted; `protect: none` is the way out.
    private mutating func checkProtected(_ grant: GrantedPath) {
        guard policy.files.protection == .clients else { return }
        for path in launch.protected where path.isBeneath(grant.found.resolved) || grant.found.resolved.isBeneath(path) {
            refuse(.protectedFile, at: grant.location, ["path": grant.path, "reaches": path])
        }
    }

    /// A link that lies beneath a write grant could be pointed elsewhere by the session.
    private mutating func checkLinks(_ grant: GrantedPath) {
        for link in grant.found.links {
            guard policy.files.writable.contains(where: { link.path.isBeneath($0.found.resolved) }) else { continue }
            refuse(
                .changeableLink, at: grant.location,
                ["path": grant.path, "link": link.path, "target": link.target, "resolved": grant.found.resolved])
        }
    }

    /// Permitted means by the policy and by ordinary permissions: a grant that the user cannot use is a mistake.
    private mutating func checkPermissions() {
        let subject = subject
        for grant in policy.files.readable { check(grant, subject, read: true, write: false) }
        for grant in policy.files.writable { check(grant, subject, read: true, write: true) }
        for link in launch.chain { checkChain(link, subject) }
    }

    private mutating func check(_ grant: GrantedPath, _ subject: Subject, read: Bool, write: Bool) {
        guard let (component, missing) = subject.obstacle(to: grant.found, read: read, write: write) else { return }
        refuse(
            .unusableGrant, at: grant.location,
            ["path": grant.path, "component": component, "user": subject.name, "missing": missing])
    }

    private mutating func checkChain(_ link: LaunchFacts.ChainLink, _ subject: Subject) {
        guard let (component, missing) = subject.obstacle(to: link.facts, read: link.role != .command, write: false) else { return }
        refuse(
            .unusableGrant,
            ["path": link.facts.resolved, "component": component, "user": subject.name, "missing": missing])
    }

    private var subject: Subject {
        let usesSession = (policy.server.user?.value ?? (launch.caller.uid == 0 ? .session : .caller)) == .session
        guard usesSession else {
            return Subject(name: "uid \(launch.caller.uid)", uid: launch.caller.uid, groups: [launch.caller.gid] + launch.caller.groups)
        }
        return Subject(name: "the session's own user", uid: launch.sessionUID, groups: launch.sessionUID.map { [$0] } ?? [])
    }

    // MARK: Rules

    private func rules() -> [LandlockPathRule] {
        var rights: [String: LandlockPathRule] = [:]
        for (facts, wanted) in wanted() { rights[facts.resolved, default: facts.rule].rights.formUnion(facts.limit(wanted)) }
        let handled = FileRights.handled(byABI: host.landlockABI)
        return rights.values
            .map { rule in
                var rule = rule
                rule.rights.formIntersection(handled)
                return rule
            }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private func wanted() -> [(PathFacts, FileRights)] {
        let floor = launch.floor.map { ($0, FileRights.floor(of: $0.resolved)) }
        let chain = (launch.chain + launch.executeChain).map { ($0.facts, FileRights([.execute, .readFile])) }
        return floor + chain + policy.files.readable.map { ($0.found, .reading) } + policy.files.writable.map { ($0.found, .writing) }
            // The kernel opens what it executes for reading (Linux fs/exec.c), so one right is of no use without the other.
            + executed.map { ($0.found, [.execute, .readFile]) }
    }

    // MARK: Self-test

    private mutating func fileTrials() {
        var tried: Set<String> = []
        for grant in policy.files.readable where tried.count < 8 && tried.insert(grant.found.resolved).inserted {
            let path = grant.found.resolved
            trials.append(Trial(grant.found.kind == .directory ? .list(directory: path) : .read(file: path), isPermitted: true))
        }
        for grant in policy.files.writable.prefix(8) { trials.append(Trial(.write(directory: grant.found.resolved), isPermitted: true)) }
        // `/` can be listed by everybody, unless it is granted.
        if !grants.contains(where: { $0.found.resolved == "/" }) { trials.append(Trial(.list(directory: "/"), isPermitted: false)) }
        // /dev/shm can be written by everybody.
        if !policy.files.writable.contains(where: { "/dev/shm".isBeneath($0.found.resolved) }) {
            trials.append(Trial(.write(directory: "/dev/shm"), isPermitted: false))
        }
    }
}

extension PathFacts {
    fileprivate var rule: LandlockPathRule { LandlockPathRule(path: resolved, device: device, inode: inode, rights: []) }

    fileprivate func limit(_ rights: FileRights) -> FileRights { kind == .directory ? rights : rights.intersection(.onFiles) }
}

extension FileRights {
    /// The floor of every session: what its devices are good for.
    fileprivate static func floor(of path: String) -> FileRights {
        ["/dev/random", "/dev/urandom"].contains { $0.utf8.elementsEqual(path.utf8) } ? .readFile : [.readFile, .writeFile]
    }
}

extension String {
    /// True for `directory` itself and all below it; both absolute and resolved.
    func isBeneath(_ directory: String) -> Bool {
        if directory.utf8.elementsEqual("/".utf8) || utf8.elementsEqual(directory.utf8) { return true }
        return utf8.starts(with: directory.utf8) && utf8.dropFirst(directory.utf8.count).first == UInt8(ascii: "/")
    }
}
