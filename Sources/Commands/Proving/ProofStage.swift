import Descriptors
import Evidence
import Glibc
import KernelPlan
import PathFinding
import Policy

/// Everything that attempts are aimed at, made ready and taken away again: receivers, directories of ours, a process.
///
/// INVARIANT: nothing that was there before is changed, and nothing that was made stays.
struct ProofStage: ~Copyable {
    private let policy: Policy
    private let meaning: PolicyMeaning
    private let plan: KernelPlan
    private let identity: ControlIdentity
    private let program: String
    private let environment: CallerEnvironment
    let secret = Hex.encode(SecureRandom.bytes(8))
    /// What no clause reaches, holding `outside`; removed with all that is in it.
    private let base: String
    /// Directories of ours that hold a note; each act begins with them as they were made.
    private var furnished: [String] = []
    private var made: [String] = []
    var receivers = ProofReceivers()
    private var victim: FreeProber?

    init(
        _ policy: Policy, _ meaning: PolicyMeaning, _ plan: KernelPlan, as identity: ControlIdentity, program: String,
        _ environment: CallerEnvironment
    ) throws(ProofFailure) {
        base = try Self.base(meaning, identity, environment)
        self.policy = policy
        self.meaning = meaning
        self.plan = plan
        self.identity = identity
        self.program = program
        self.environment = environment
    }

    private static func base(_ meaning: PolicyMeaning, _ identity: ControlIdentity, _ environment: CallerEnvironment) throws(ProofFailure)
        -> String
    {
        let name = "sandboxd-prove-\(Hex.encode(SecureRandom.bytes(6)))"
        guard let directory = directories(environment).lazy.map({ "\($0)/\(name)" }).first(where: { make($0, meaning, identity) }) else {
            throw .stage("a directory that no clause of the policy reaches (tried TMPDIR, /tmp, /var/tmp, XDG_RUNTIME_DIR, HOME)", .access)
        }
        return directory
    }

    /// Everything that is there to be aimed at.
    mutating func prepare(prober: String) throws(ProofFailure) -> ProofGround {
        let outside = base + "/outside"
        do throws(Errno) {
            try directory(outside)
            try WorkingDirectory().copy(program, to: base + "/copy")
            try give(base + "/copy", 0o755)
        } catch { throw .stage(outside, error) }
        furnished.append(outside)
        let abstract = "@sandboxd-prove-\(secret)"
        try receivers.open(policy, meaning)
        try receivers.openUnix(outside, abstract, mode: 0o777)
        var places: [ProofGround.Place: ProofGround.Found] = [
            .outside: .here(outside), .prober: .here(prober), .copy: .here(base + "/copy"), .abstract: .here(abstract),
            .secret: .here(secret),
            // Each act has its own.
            .victim: .here("{victim}"), .victimMemory: .here("{victim-memory}"),
        ]
        places[.readable] = inside(policy.files.readable, isWritable: false)
        places[.writable] = inside(policy.files.writable, isWritable: true)
        addGranted(outside, &places)
        addPrograms(&places)
        furnish()
        return ProofGround(
            places: places, receivers: receivers.endpoints, own: receivers.own, ownership: isOwn ? .own : .writable,
            unopened: receivers.unopened)
    }

    /// Whether the server has the uid that owns what we make.
    private var isOwn: Bool {
        switch plan.user {
        case .session: false
        case .caller(let uid, _, _): uid == identity.uid
        }
    }

    // MARK: Directories

    private static func directories(_ environment: CallerEnvironment) -> [String] {
        let named = [environment["TMPDIR"], "/tmp", "/var/tmp", environment["XDG_RUNTIME_DIR"], environment.home]
        return named.compactMap { $0 }.filter { $0.utf8.first == UInt8(ascii: "/") }.map(PresentPath.resolved)
    }

    /// Makes it where neither it nor what lies in it is granted in any way.
    private static func make(_ path: String, _ meaning: PolicyMeaning, _ identity: ControlIdentity) -> Bool {
        let asked: [Operation] = [
            .file(.read, path: path + "/x"), .file(.list, path: path), .file(.write, path: path + "/x"),
            .file(.makeFile, path: path + "/x"),
            .execute(path: path + "/x"),
        ]
        guard !path.utf8.contains(UInt8(ascii: " ")), !asked.contains(where: meaning.permits) else { return false }
        guard (try? WorkingDirectory().makeDirectory(path, mode: 0o711)) != nil else { return false }
        guard !identity.isChosen || chown(path, identity.uid, identity.gid) == 0 else {
            rmdir(path)
            return false
        }
        return true
    }

    /// One of ours in the first of these grants that whoever tries unconfined may write.
    private mutating func inside(_ grants: [GrantedPath], isWritable: Bool) -> ProofGround.Found {
        let directories = grants.filter { $0.found.kind == .directory }.map(\.found.resolved)
        guard !directories.isEmpty else { return .notGranted }
        for granted in directories {
            let path = "\(granted)/.sandboxd-prove-\(secret.prefix(8))"
            let note = Operation.file(.write, path: path + "/note")
            guard meaning.permits(.file(.read, path: path + "/note")), meaning.permits(note) == isWritable else { continue }
            guard mayMake(in: granted), (try? directory(path)) != nil else { continue }
            furnished.append(path)
            return .here(path)
        }
        return .missing("\(identity.name) may make nothing in the directories that may be \(isWritable ? "written" : "read")")
    }

    /// For root, who may everything: whether the user who tries could.
    private func mayMake(in directory: String) -> Bool {
        guard identity.isChosen else { return true }
        guard let status = try? WorkingDirectory().status(of: directory) else { return false }
        if status.owner == identity.uid { return status.permissions & 0o300 == 0o300 }
        if ([identity.gid] + identity.groups).contains(status.group) { return status.permissions & 0o030 == 0o030 }
        return status.permissions & 0o003 == 0o003
    }

    /// Whoever the server is: what stops it is the policy, not the mode.
    private mutating func directory(_ path: String) throws(Errno) {
        try WorkingDirectory().makeDirectory(path, mode: 0o700)
        made.append(path)
        try give(path, isOwn ? 0o755 : 0o777)
    }

    private func give(_ path: String, _ mode: UInt32) throws(Errno) {
        guard chmod(path, mode) == 0, !identity.isChosen || lchown(path, identity.uid, identity.gid) == 0 else { throw .last }
    }

    /// As at the beginning: before each act.
    func furnish() {
        for place in furnished {
            for name in ["made", "note", "link", "directory/made", "\(secret)-name"] { unlink("\(place)/\(name)") }
            for name in ["made", "directory"] { rmdir("\(place)/\(name)") }
            for name in ["note", "\(secret)-name"] { write("\(place)/\(name)") }
            mkdir("\(place)/directory", 0o777)
            try? give("\(place)/directory", isOwn ? 0o755 : 0o777)
            symlink(base + "/outside/note", "\(place)/link")
        }
    }

    private func write(_ path: String) {
        guard let file = try? WorkingDirectory().open(path, [.write, .create, .exclusive]) else { return }
        try? file.writeWhole(note)
        try? give(path, isOwn ? 0o644 : 0o666)
    }

    /// What every note holds.
    var note: String { "the secret is \(secret)" }

    // MARK: Other places

    private func addGranted(_ outside: String, _ places: inout [ProofGround.Place: ProofGround.Found]) {
        let grants = policy.files.readable + policy.files.writable
        guard let granted = grants.first(where: { $0.found.kind == .directory })?.found.resolved else {
            places[.granted] = .notGranted
            places[.fromParent] = .notGranted
            return
        }
        places[.granted] = .here(granted)
        let depth = granted.utf8.count { $0 == UInt8(ascii: "/") }
        places[.fromParent] = .here(String(repeating: "/..", count: depth - 1) + outside)
    }

    private func addPrograms(_ places: inout [ProofGround.Place: ProofGround.Found]) {
        let loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].map(PresentPath.resolved)
        let program = PresentPath.resolved("/bin/true")
        places[.loader] = loaders.first(where: Self.isFile).map { .here($0) } ?? .missing("no dynamic loader is where it usually is")
        places[.program] = Self.isFile(program) ? .here(program) : .missing("/bin/true is not there")
    }

    private static func isFile(_ path: String) -> Bool { (try? WorkingDirectory().status(of: path))?.isRegularFile == true }

    // MARK: A process outside

    /// Starts the process that attempts reach for, unless it is there; its environment begins with the secret.
    mutating func startVictim(_ interruption: borrowing Interruption) throws(ProofFailure) -> (process: Int32, memory: String?) {
        let variables = [Array("P=\(secret)".utf8)] + environment.variables
        do throws(Errno) { victim = try FreeProber(program, as: identity, environment: variables) } catch {
            throw .noProber(path: program, error)
        }
        guard try victim?.talk.begin(interruption, until: Clock.monotonic + 2_000_000_000) == true, let process = victim?.process else {
            throw .stage("a process outside", .noProcess)
        }
        return (process, Self.environmentStart(of: process))
    }

    /// Whether it ended; it is gone afterwards.
    mutating func endVictim(within nanoseconds: UInt64) -> Bool {
        guard var held = victim.take() else { return false }
        return held.end(until: Clock.monotonic + nanoseconds) != nil
    }

    /// proc_pid_stat(5), field 50; nil where this process may not know it.
    private static func environmentStart(of process: Int32) -> String? {
        guard let bytes = try? WorkingDirectory().contents(of: "/proc/\(process)/stat", limit: 4_096) else { return nil }
        // The second field is a name in parentheses and may hold anything.
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 47, let start = UInt64(fields[47]), start > 0 else { return nil }
        return String(start + 2, radix: 16)
    }

    // MARK: The end

    /// Takes everything away.
    deinit {
        for place in made.reversed() {
            for name in ["made", "note", "link", "directory/made", "stream", "datagram", "\(secret)-name"] { unlink("\(place)/\(name)") }
            for name in ["made", "directory"] { rmdir("\(place)/\(name)") }
            rmdir(place)
        }
        unlink(base + "/copy")
        rmdir(base)
    }
}

extension WorkingDirectory {
    /// A new file with the content of another, at most 64 MiB.
    fileprivate func copy(_ from: String, to: String) throws(Errno) {
        guard let bytes = try contents(of: from, limit: 64 << 20) else { throw .fileTooLarge }
        let file = try open(to, [.write, .create, .exclusive])
        try file.writeWhole(bytes)
    }
}
