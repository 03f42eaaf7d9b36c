import Policy

/// What a finding means for the path that was asked for.
enum PathJudgement: Sendable {
    case granted(GrantedPath)
    /// Optional, and nothing is there.
    case nothing
    case refused([Reason])

    static func judge(_ request: RequestedPath, _ finding: PathFinding, of kind: DocumentKind) -> PathJudgement {
        switch finding {
        case .timedOut: return .refused([Reason(.pathTimedOut, at: request.location, ["path": request.path])])
        case .failed(let error, let component):
            if isNothing(error, request, of: kind) { return .nothing }
            var facts = ["path": request.path, "error": error, "component": component]
            if request.purpose == .enter { facts["clause"] = "server.cwd" }
            return .refused([Reason(.pathNotFound, at: request.location, facts)])
        case .found(let facts):
            let links = kind == .layer ? changeableLinks(request, facts) : []
            let reasons = kernelFilesystem(request, facts) + wrongKind(request, facts) + links
            if !reasons.isEmpty { return .refused(reasons) }
            return .granted(GrantedPath(path: request.path, location: request.location, found: facts))
        }
    }

    /// What whoever asks cannot find, no policy of theirs can grant; so of a layer it takes nothing away.
    private static func isNothing(_ error: String, _ request: RequestedPath, of kind: DocumentKind) -> Bool {
        switch error {
        case "ENOENT", "ENOTDIR": request.isOptional || kind == .layer
        case "EACCES": kind == .layer
        default: false
        }
    }

    /// Whoever may change a link on the way to a layer's path could make the layer say something else to the next session.
    private static func changeableLinks(_ request: RequestedPath, _ facts: PathFacts) -> [Reason] {
        facts.links.filter { $0.holder.owner != 0 || $0.holder.mode & 0o022 != 0 }.map { link in
            Reason(
                .changeableLink, at: request.location,
                ["path": request.path, "link": link.path, "target": link.target, "resolved": facts.resolved])
        }
    }

    /// By path, by what is mounted there, and `/` because it reaches both; to start there grants neither.
    private static func kernelFilesystem(_ request: RequestedPath, _ facts: PathFacts) -> [Reason] {
        let isRoot = request.purpose != .enter && facts.resolved.utf8.elementsEqual("/".utf8)
        let isBelow = ["/proc", "/sys"].contains { KernelFilesystems.isAtOrBelow(facts.resolved, $0) }
        guard isRoot || isBelow || KernelFilesystems.contains(facts.filesystem) else { return [] }
        return [Reason(.kernelFilesystem, at: request.location, ["path": request.path, "resolved": facts.resolved])]
    }

    private static func wrongKind(_ request: RequestedPath, _ facts: PathFacts) -> [Reason] {
        let (kinds, expected) = kinds(for: request.purpose)
        if kinds.contains(facts.kind) { return [] }
        return [Reason(.wrongFileKind, at: request.location, ["path": request.path, "kind": facts.kind.rawValue, "expected": expected])]
    }

    private static func kinds(for purpose: RequestedPath.Purpose) -> (Set<PathFacts.Kind>, String) {
        switch purpose {
        case .read, .write, .execute: ([.directory, .file], "directory or file")
        case .connect: ([.socket], "socket")
        case .enter: ([.directory], "directory")
        }
    }
}

/// Filesystems that show or steer the kernel and its processes: never granted.
enum KernelFilesystems {
    /// statfs(2) `f_type` (linux/magic.h): proc, sysfs, cgroup, cgroup2, debugfs, tracefs, bpf, securityfs, selinuxfs, smackfs,
    /// configfs, pstore, efivarfs, devpts, binfmt_misc, nsfs.
    private static let magics: Set<UInt64> = [
        0x9FA0, 0x6265_6572, 0x27_E0EB, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0xCAFE_4A11, 0x7363_6673, 0xF97C_FF8C, 0x4341_5D53,
        0x6265_6570, 0x6165_676C, 0xDE5E_81E4, 0x1CD1, 0x4249_4E4D, 0x6E73_6673,
    ]

    static func contains(_ magic: UInt64) -> Bool { magics.contains(magic) }

    static func isAtOrBelow(_ path: String, _ directory: String) -> Bool {
        guard path.utf8.starts(with: directory.utf8) else { return false }
        let rest = path.utf8.dropFirst(directory.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}
