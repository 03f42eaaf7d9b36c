import Policy

extension Compiler {
    // MARK: What is granted

    var executed: [GrantedPath] {
        switch policy.files.executable {
        case .none: []
        case .paths(let paths): paths
        }
    }

    var grants: [GrantedPath] { policy.files.readable + policy.files.writable + executed }

    /// Whether a write grant reaches the path.
    func isWritten(_ path: String) -> Bool { policy.files.writable.contains { path.isBeneath($0.found.resolved) } }

    // MARK: Reasons that no mechanism takes away

    mutating func checkFiles() {
        checkMoving()
        checkDevices()
        for grant in policy.files.writable { checkWrite(grant) }
        for grant in grants { checkGrant(grant) }
        if let directory = policy.server.directory { checkLinks(directory) }
        checkPermissions()
        checkHidden()
    }

    /// Below ABI 2 nothing is moved from one directory to another. (Truncation has no right below ABI 3, but what is opened for writing can be
    /// cut off, and the filter denies the ways that ask for no right.)
    private mutating func checkMoving() {
        guard host.landlockABI < 2 else { return }
        let gap = "Landlock ABI \(host.landlockABI) has no right for moving between directories; it needs ABI 2 (Linux 5.19)"
        let own = policy.files.temporaryFiles == .private ? policy.files.tmp?.location : nil
        let places = [("files.write", policy.files.writable.first?.location), ("files.tmp", own)]
        for (clause, location) in places {
            guard let location else { continue }
            refuse(.inexpressible, at: location, ["clause": clause, "mechanism": Mechanism.landlockFiles.rawValue, "gap": gap])
        }
    }

    /// Below ABI 5 a device that is opened for reading can be controlled by ioctl(2); what the floor's devices know the filter denies.
    private mutating func checkDevices() {
        guard host.landlockABI < 5 else { return }
        let gap = "Landlock ABI \(host.landlockABI) has no right for the control of devices; it needs ABI 5 (Linux 6.10)"
        for grant in policy.files.readable + policy.files.writable
        where grant.found.kind == .other || grant.found.resolved.isBeneath("/dev") || "/dev".isBeneath(grant.found.resolved) {
            refuse(.inexpressible, at: grant.location, ["clause": "files", "mechanism": Mechanism.landlockFiles.rawValue, "gap": gap])
        }
    }

    private mutating func checkWrite(_ grant: GrantedPath) {
        switch grant.found.kind {
        case .directory: break
        case .file:
            // Written under this name, it would change under the others.
            if grant.found.linkCount != 1 {
                refuse(.severalLinks, at: grant.location, ["path": grant.path, "links": "\(grant.found.linkCount)"])
            }
        case .socket, .other:
            let facts = ["path": grant.path, "kind": grant.found.kind.rawValue, "expected": "file or directory"]
            refuse(.wrongFileKind, at: grant.location, facts)
        }
        let own = launch.chain.map { LaunchFacts.Cage(path: $0.facts.resolved, what: "the server's own \($0.role.rawValue)") }
        let prepared = launch.chain.first.flatMap { PreparedPackages.place(of: $0.facts.resolved) }
            .map { LaunchFacts.Cage(path: $0, what: "prepared packages") }
        for cage in launch.cages + own + [prepared].compactMap(\.self) where cage.path.isBeneath(grant.found.resolved) {
            refuse(.ownCage, at: grant.location, ["path": grant.path, "reaches": cage.path, "what": cage.what])
        }
        checkPrepared(grant)
        checkProtected(grant)
    }

    /// What is prepared stays as it was recorded: also what lies in it, and what lies beside it.
    private mutating func checkPrepared(_ grant: GrantedPath) {
        guard let command = launch.chain.first, let place = PreparedPackages.place(of: command.facts.resolved),
            grant.found.resolved.isBeneath(place), !place.isBeneath(grant.found.resolved)
        else { return }
        refuse(.ownCage, at: grant.location, ["path": grant.path, "reaches": place, "what": "prepared packages"])
    }

    /// What is protected can be taken out of a directory (`fileNeeds`), but not be granted itself.
    private mutating func checkProtected(_ grant: GrantedPath) {
        guard policy.files.protection == .clients else { return }
        for path in launch.protected where grant.found.resolved.isBeneath(path) {
            refuse(.protectedFile, at: grant.location, ["path": grant.path, "reaches": path])
        }
        for path in launch.changeable where path.isBeneath(grant.found.resolved) {
            refuse(.protectedFile, at: grant.location, ["path": grant.path, "reaches": path, "changeable": "true"])
        }
    }

    private mutating func checkGrant(_ grant: GrantedPath) {
        if grant.found.resolved.utf8.elementsEqual("/".utf8) {
            refuse(.kernelFilesystem, at: grant.location, ["path": grant.path, "resolved": "/proc"])
        }
        checkLinks(grant)
    }

    /// A link that lies beneath a write grant could be pointed elsewhere by the session.
    private mutating func checkLinks(_ grant: GrantedPath) {
        for link in grant.found.links where isWritten(link.path) {
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
        for grant in policy.egress.unix.orNone.paths { check(grant, subject, read: false, write: true) }
        if let directory = policy.server.directory { check(directory, subject, read: false, write: false) }
        for link in launch.chain { checkChain(link, subject) }
    }

    private mutating func check(_ grant: GrantedPath, _ subject: Subject, read: Bool, write: Bool) {
        guard let (component, missing) = obstacle(to: grant.found, subject, read: read, write: write) else { return }
        refuse(
            .unusableGrant, at: grant.location,
            ["path": grant.path, "component": component, "user": subject.name, "missing": missing])
    }

    private func obstacle(to facts: PathFacts, _ subject: Subject, read: Bool, write: Bool) -> (component: String, missing: String)? {
        guard let lending else { return subject.obstacle(to: facts, read: read, write: write) }
        return lending.obstacle(to: facts, for: subject, read: read, write: write)
    }

    private mutating func checkChain(_ link: LaunchFacts.ChainLink, _ subject: Subject) {
        guard let (component, missing) = obstacle(to: link.facts, subject, read: link.role != .command, write: false) else { return }
        refuse(
            .unusableGrant,
            ["path": link.facts.resolved, "component": component, "user": subject.name, "missing": missing])
    }

    // MARK: Rules

    func rules(_ handled: FileRights) -> [LandlockPathRule] {
        var rights: [PlaceOfFile: FileRights] = [:]
        for (facts, wanted) in wanted() { rights[PlaceOfFile(facts), default: []].formUnion(facts.limit(wanted)) }
        return rights.map { place, rights in
            LandlockPathRule(path: place.path, device: place.device, inode: place.inode, rights: rights.intersection(handled))
        }
        .filter { !$0.rights.isEmpty }
        .sorted {
            $0.path.isOrdered(before: $1.path)
                || ($0.path.utf8.elementsEqual($1.path.utf8) && ($0.device, $0.inode) < ($1.device, $1.inode))
        }
    }

    private func wanted() -> [(PathFacts, FileRights)] {
        let floor = launch.floor.map { ($0, FileRights.floor(of: $0.resolved)) }
        let chain = (launch.chain + launch.executeChain).map { ($0.facts, FileRights([.execute, .readFile])) }
        return floor + chain + policy.files.readable.map { ($0.found, .reading) } + policy.files.writable.map { ($0.found, .writing) }
            // The kernel opens what it executes for reading (Linux fs/exec.c), so one right is of no use without the other.
            + executed.map { ($0.found, [.execute, .readFile]) } + policy.egress.unix.orNone.paths.map { ($0.found, .resolveUnix) }
    }
}

/// One inode under one path.
private struct PlaceOfFile: Hashable {
    var path: String
    var device: UInt64
    var inode: UInt64

    init(_ facts: PathFacts) {
        path = facts.resolved
        device = facts.device
        inode = facts.inode
    }
}

extension PathFacts {
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
        let (path, above) = (utf8, directory.utf8)
        if above.count == 1, above.first == UInt8(ascii: "/") { return true }
        // Most are told apart by length or by one byte.
        guard path.count >= above.count else { return false }
        if path.count > above.count, path[path.index(path.startIndex, offsetBy: above.count)] != UInt8(ascii: "/") { return false }
        return path.starts(with: above)
    }

    /// The directory that holds it; of `/` itself.
    var directory: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")), slash != utf8.startIndex else { return "/" }
        return String(self[..<slash])
    }

    /// By bytes.
    func isOrdered(before other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
