import Policy

extension Compiler {
    /// What `tmp: private` replaces.
    static let temporaryDirectories = ["/tmp", "/var/tmp"]

    /// What `files.protect` keeps and a granted directory reaches; ascending.
    private var kept: [String] {
        guard policy.files.protection == .clients else { return [] }
        return Set(launch.protected.filter(isWritten)).sorted { $0.isOrdered(before: $1) }
    }

    func fileNeeds() -> [Need] {
        var needs: [Need] = []
        if let grant = policy.files.writable.first(where: { grant in kept.contains { $0.isBeneath(grant.found.resolved) } }) {
            let reached = kept.first { $0.isBeneath(grant.found.resolved) } ?? ""
            needs.append(
                Need(
                    "files.protect", at: grant.location, [Need.Way([.mountNamespace], .asGranted)],
                    otherwise: .code(.protectedFile, ["path": grant.path, "reaches": reached])))
        }
        if let lent = lending?.roots.first, let grant = grants.first(where: { $0.found.resolved.utf8.elementsEqual(lent.resolved.utf8) }),
            let (component, missing) = subject.obstacle(to: lent, read: true, write: isWritten(lent.resolved))
        {
            // Without the mechanism the grant is one that the user cannot use.
            needs.append(
                Need(
                    "server.user: session", at: grant.location, [Need.Way([.idmappedMounts, .mountNamespace], .asGranted)],
                    otherwise: .code(
                        .unusableGrant,
                        ["path": grant.path, "component": component, "user": subject.name, "missing": missing, "lendable": "true"])))
        }
        if policy.files.temporaryFiles == .private {
            needs.append(Need("files.tmp", at: policy.files.tmp?.location, [Need.Way([.mountNamespace], .asGranted)]))
        }
        if policy.files.processFiles == .session {
            needs.append(Need("files.proc", at: policy.files.proc?.location, [Need.Way([.mountNamespace, .privateProc], .asGranted)]))
        }
        if launchesOnce {
            needs.append(Need("files.execute: none", at: nil, [Need.Way([.seccompNotification], .asGranted)]))
        }
        return needs
    }

    /// A grant that a mount of the session's own would hide.
    mutating func checkHidden() {
        guard policy.files.temporaryFiles == .private else { return }
        for grant in grants + policy.egress.unix.orNone.paths {
            for directory in Self.temporaryDirectories where grant.found.resolved.isBeneath(directory) {
                refuse(.hiddenGrant, at: grant.location, ["path": grant.path, "clause": "files.tmp: private", "by": directory])
            }
        }
        for link in launch.chain {
            for directory in Self.temporaryDirectories where link.facts.resolved.isBeneath(directory) {
                let facts = ["path": link.facts.resolved, "clause": "files.tmp: private", "by": directory]
                refuse(.hiddenGrant, at: policy.files.tmp?.location, facts)
            }
        }
    }

    // MARK: The plan's part

    func mounts(_ means: Set<Need.Means>) -> MountPlan? {
        var plan = MountPlan(readOnly: kept, pinned: pinned, hasOwnProc: policy.files.processFiles == .session)
        if policy.files.temporaryFiles == .private { plan.temporary = Self.temporaryDirectories }
        if let roots = lending?.roots, !roots.isEmpty {
            plan.lent = MountPlan.Lent(
                uid: launch.caller.uid, gid: launch.caller.gid,
                places: roots.map(MountPlan.Place.init).sorted { $0.path.isOrdered(before: $1.path) })
        }
        if means.contains(.unixTree(isScoped: true)) || means.contains(.unixTree(isScoped: false)) {
            plan.only = Set(shown.map(MountPlan.Place.init)).sorted { $0.path.isOrdered(before: $1.path) }
            plan.links = links
        }
        return plan.isEmpty ? nil : plan
    }

    /// The directories that lead to what is kept: could one be renamed, another could be put in its place.
    private var pinned: [String] {
        var paths: Set<String> = []
        for path in kept {
            var directory = path.directory
            while isWritten(directory.directory), !directory.utf8.elementsEqual("/".utf8) {
                if !kept.contains(where: { $0.utf8.elementsEqual(directory.utf8) }) { paths.insert(directory) }
                directory = directory.directory
            }
        }
        return paths.sorted { $0.isOrdered(before: $1) }
    }

    /// Everything that a rule names, in a tree that holds nothing else.
    private var shown: [PathFacts] {
        (grants + policy.egress.unix.orNone.paths).map(\.found) + launch.floor + (launch.chain + launch.executeChain).map(\.facts)
    }

    /// Files are named by way of them, the loader above all.
    private var links: [MountPlan.Link] {
        Set(shown.flatMap(\.links).map { MountPlan.Link(path: $0.path, target: $0.target) }).sorted {
            $0.path.isOrdered(before: $1.path) || ($0.path.utf8.elementsEqual($1.path.utf8) && $0.target.isOrdered(before: $1.target))
        }
    }

    /// Rights on what is mounted: the session's own temporary directories, and what /proc shows of its processes.
    func mountRules(_ handled: FileRights) -> [LandlockMountRule] {
        var rules: [LandlockMountRule] = []
        if policy.files.processFiles == .session { rules.append(LandlockMountRule(path: "/proc", rights: .reading)) }
        if policy.files.temporaryFiles == .private {
            rules += Self.temporaryDirectories.map { LandlockMountRule(path: $0, rights: .writing.intersection(handled)) }
        }
        return rules
    }
}

extension MountPlan.Place {
    init(_ facts: PathFacts) { self.init(path: facts.resolved, device: facts.device, inode: facts.inode) }
}
