import Policy

extension PolicyMeaning {
    func permits(_ act: Operation.FileAct, _ path: String) -> Bool {
        switch act {
        case .read: isReadable(path) || isFloor(path) || isChain(path)
        case .list: isReadable(path, byDirectory: true)
        case .write: (isWritable(path) && !isKept(path)) || (isFloor(path) && !path.hasSuffix("random"))
        case .truncate: isWritable(path) && !isKept(path)
        case .makeFile, .makeDirectory, .makeLink: isHolding(path) && !isKept(path)
        case .remove, .removeDirectory: isHolding(path) && !isKept(path) && !leadsToKept(path)
        case .makeDevice, .leaveDevice, .makeFIFO, .makeSocket: false
        }
    }

    // MARK: Reading and writing

    private func isFloor(_ path: String) -> Bool { launch.floor.contains { $0.resolved.utf8.elementsEqual(path.utf8) } }

    private func isChain(_ path: String) -> Bool {
        (launch.chain + launch.executeChain).contains { $0.facts.resolved.utf8.elementsEqual(path.utf8) } || isExecutable(path)
    }

    /// What is granted as a single file can be read, not listed.
    private func isReadable(_ path: String, byDirectory: Bool = false) -> Bool {
        if policy.files.processFiles == .session, path.isBeneath("/proc") { return !isOfOthers(path) }
        let granted = (policy.files.readable + policy.files.writable).filter { !byDirectory || $0.found.kind == .directory }
        return granted.contains { path.isBeneath($0.found.resolved) } || isTemporary(path)
    }

    /// The session's own /proc has its processes and nothing else; other processes' numbers, and the kernel's own files, are not there.
    private func isOfOthers(_ path: String) -> Bool {
        !path.isBeneath("/proc/self") && !path.isBeneath("/proc/thread-self") && !path.utf8.elementsEqual("/proc".utf8)
    }

    private func isWritable(_ path: String) -> Bool {
        policy.files.writable.contains { path.isBeneath($0.found.resolved) } || isTemporary(path)
    }

    /// Whether names can be made and removed there: the directory that holds it is granted.
    private func isHolding(_ path: String) -> Bool {
        guard !path.utf8.elementsEqual("/".utf8) else { return false }
        let directory = path.directory
        return policy.files.writable.contains { $0.found.kind == .directory && directory.isBeneath($0.found.resolved) }
            || isTemporary(directory)
    }

    private func isTemporary(_ path: String) -> Bool {
        policy.files.temporaryFiles == .private && (path.isBeneath("/tmp") || path.isBeneath("/var/tmp"))
    }

    // MARK: What is protected

    private var kept: [String] {
        policy.files.protection == .clients
            ? launch.protected.filter { path in policy.files.writable.contains { path.isBeneath($0.found.resolved) } } : []
    }

    /// At or below a file that `files.protect` keeps: it can be read.
    private func isKept(_ path: String) -> Bool { kept.contains { path.isBeneath($0) } }

    /// Directories on the way to what is kept stay where they are.
    private func leadsToKept(_ path: String) -> Bool { kept.contains { $0.isBeneath(path) } }

    /// The innermost of what is kept and the directories on the way there; nothing is moved over its border.
    private func enclosure(_ path: String) -> String? {
        var directory = path
        while true {
            if isKept(directory) && kept.contains(where: { $0.utf8.elementsEqual(directory.utf8) }) { return directory }
            if leadsToKept(directory), isHolding(directory) { return directory }
            guard !directory.utf8.elementsEqual("/".utf8) else { return nil }
            directory = directory.directory
        }
    }

    /// Both ends can be written, and at the new place no more is permitted than at the old.
    func mayMove(_ from: String, _ to: String) -> Bool {
        guard isHolding(from), isHolding(to), !isKept(from), !isKept(to), !leadsToKept(from), !leadsToKept(to) else { return false }
        guard isTemporaryRoot(from) == isTemporaryRoot(to) else { return false }
        // What is lent is a mount of its own.
        guard lending?.root(of: from.directory) == lending?.root(of: to.directory) else { return false }
        guard enclosure(from.directory) == enclosure(to.directory) else { return false }
        return !isGranted(executedDirectories, to.directory) || isGranted(executedDirectories, from.directory)
    }

    /// Which of the session's own temporary directories holds it; they are filesystems of their own.
    private func isTemporaryRoot(_ path: String) -> Int {
        guard policy.files.temporaryFiles == .private else { return 0 }
        return path.isBeneath("/tmp") ? 1 : path.isBeneath("/var/tmp") ? 2 : 0
    }

    // MARK: Metadata

    /// `owned` is what ordinary permissions make of it: of files that the session's user owns everything; and as the kernel asks no more than
    /// permission to write for the time of now and user attributes, these of files that it may write.
    func mayChange(_ change: Operation.MetadataChange, _ path: String, _ ownership: Operation.Ownership) -> Bool {
        guard policy.files.metadataGrant == .owned, !isKept(path) else { return false }
        switch ownership {
        case .own: return true
        case .writable: return change == .touch || change == .attribute
        case .others: return false
        }
    }

    // MARK: Executing

    private var executedDirectories: [GrantedPath] {
        switch policy.files.executable {
        case .none: []
        case .paths(let paths): paths.filter { $0.found.kind == .directory }
        }
    }

    private func isGranted(_ grants: [GrantedPath], _ path: String) -> Bool { grants.contains { path.isBeneath($0.found.resolved) } }

    func isExecutable(_ path: String) -> Bool {
        switch policy.files.executable {
        case .none: false
        case .paths(let paths):
            isGranted(paths, path) || (launch.chain + launch.executeChain).contains { $0.facts.resolved.utf8.elementsEqual(path.utf8) }
        }
    }
}
