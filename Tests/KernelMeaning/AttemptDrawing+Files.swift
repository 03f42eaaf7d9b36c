import KernelPlan
import Policy

extension AttemptDrawing {
    /// How the path is handed to the kernel.
    private static let ways = ["direct", "direct", "direct", "within", "above", "there"]

    /// An act on one file: its name, what of the universe it takes, its words behind the path, and what is there before and after.
    struct FileKind {
        var act: String
        var takes: [Attempt.Act.FileAct]
        var words: [String] = []
        var prop: (@Sendable (String) -> Attempt.Prop)?
        var truth: @Sendable (String) -> Attempt.Truth
        /// Whether it may be done to a file that was there from the beginning.
        var mayMeetFile = false
    }

    static let fileKinds: [FileKind] = [
        FileKind(act: "read", takes: [.read], prop: { .file($0) }, truth: { _ in .told }, mayMeetFile: true),
        FileKind(act: "read-mapped", takes: [.read], prop: { .file($0) }, truth: { _ in .told }, mayMeetFile: true),
        FileKind(act: "read-openat2", takes: [.read], prop: { .file($0) }, truth: { _ in .told }, mayMeetFile: true),
        FileKind(act: "read-reopened", takes: [.read], prop: { .file($0) }, truth: { _ in .told }, mayMeetFile: true),
        FileKind(act: "list", takes: [.list], prop: { .listable($0) }, truth: { _ in .told }),
        FileKind(
            act: "write", takes: [.write], words: [Attempt.nonce], prop: { .other($0) }, truth: { .content($0) }, mayMeetFile: true),
        FileKind(
            act: "append", takes: [.write], words: [Attempt.nonce], prop: { .other($0) }, truth: { .content($0) }, mayMeetFile: true),
        FileKind(act: "write-mapped", takes: [.read, .write], words: [Attempt.nonce], prop: { .other($0) }, truth: { .content($0) }),
        FileKind(act: "truncate", takes: [.truncate], prop: { .other($0) }, truth: { .empty($0) }, mayMeetFile: true),
        FileKind(act: "truncate-opening", takes: [.write, .truncate], prop: { .other($0) }, truth: { .empty($0) }, mayMeetFile: true),
        FileKind(act: "truncate-reading", takes: [.read, .truncate], prop: { .other($0) }, truth: { .empty($0) }, mayMeetFile: true),
        FileKind(act: "truncate-unopened", takes: [.truncate], prop: { .other($0) }, truth: { .empty($0) }, mayMeetFile: true),
        FileKind(act: "truncate-open", takes: [.write, .truncate], prop: { .other($0) }, truth: { .empty($0) }, mayMeetFile: true),
        FileKind(act: "create", takes: [.makeFile, .write], words: [Attempt.nonce], truth: { .content($0) }),
        FileKind(act: "create-named-later", takes: [.makeFile, .write], words: [Attempt.nonce], truth: { .content($0) }),
        FileKind(act: "node-file", takes: [.makeFile], truth: { .exists($0, .file) }),
        FileKind(act: "node-fifo", takes: [.makeFIFO], truth: { .exists($0, .fifo) }),
        FileKind(act: "node-socket", takes: [.makeSocket], truth: { .exists($0, .socket) }),
        FileKind(act: "node-device", takes: [.makeDevice], truth: { .exists($0, .device) }),
        FileKind(act: "node-whiteout", takes: [.leaveDevice], truth: { .exists($0, .device) }),
        FileKind(act: "mkdir", takes: [.makeDirectory], truth: { .exists($0, .directory) }),
        FileKind(act: "symlink", takes: [.makeLink], words: ["nowhere"], truth: { .exists($0, .link) }),
        FileKind(act: "unlink", takes: [.remove], prop: { .other($0) }, truth: { .gone($0) }),
        FileKind(act: "rmdir", takes: [.removeDirectory], prop: { .directory($0) }, truth: { .gone($0) }),
    ]

    /// Where Landlock has no right for it, plans leave ways out by which a permitted truncation could be had otherwise; where it is not
    /// permitted, all of them are tried.
    private func offered(_ kind: FileKind, at path: String) -> FileKind {
        let missing = stage.host.landlockABI < 3 ? ["truncate", "truncate-reading", "truncate-unopened"] : ["truncate-unopened"]
        guard stage.host.landlockABI < 5, missing.contains(kind.act), isWritten(path) else { return kind }
        return Self.fileKinds.first { $0.act == "truncate-open" }!
    }

    private func isWritten(_ path: String) -> Bool {
        policy.files.writable.contains { path == $0.found.resolved || path.hasPrefix($0.found.resolved + "/") }
    }

    mutating func file() -> Attempt {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1: return move()
        case 2: return metadata()
        case 3, 4: return device()
        default:
            let kind = one(Self.fileKinds)
            if kind.mayMeetFile, !unusedFiles.isEmpty, chance(30) { return attempt(kind, at: stage.tree.path(givenFile())) }
            return attempt(kind, at: directory() + "/" + name())
        }
    }

    /// One of the files that may be granted alone.
    private mutating func givenFile() -> String {
        unusedFiles.remove(at: Int.random(in: 0..<unusedFiles.count, using: &generator))
    }

    var executable: [GrantedPath] {
        switch policy.files.executable {
        case .none: []
        case .paths(let paths): paths
        }
    }

    /// Near to what the policy grants, or anywhere.
    mutating func directory() -> String {
        let granted = (policy.files.readable + policy.files.writable + executable).map(\.found).filter { $0.kind == .directory }.map(
            \.resolved)
        if !granted.isEmpty, chance(60) { return one(granted) }
        return stage.tree.path(one(Tree.directories + ["a/bin", Tree.neutral]))
    }

    private mutating func attempt(_ kind: FileKind, at path: String) -> Attempt {
        let kind = offered(kind, at: path)
        var props = kind.prop.map { [$0(path)] } ?? []
        let given = spelling(of: path, &props)
        // Below ABI 5 plans answer it as kernels without it do.
        let hidden: [Attempt.Act] = stage.host.landlockABI < 5 && kind.act == "read-openat2" ? [.forbidden(call: "openat2")] : []
        return Attempt(
            takes: kind.takes.map { .file($0, path: path) } + hidden, act: kind.act, words: [one(Self.ways), given] + kind.words,
            truth: kind.truth(path), props: props)
    }

    /// The same file by another name: through `..`, through a link to its directory that the session could not change.
    private mutating func spelling(of path: String, _ props: inout [Attempt.Prop]) -> String {
        let parts = path.split(separator: "/").map(String.init)
        let above = "/" + parts.dropLast(2).joined(separator: "/")
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return above + "/" + parts[parts.count - 2] + "/../" + parts.suffix(2).joined(separator: "/")
        case 1:
            let link = stage.tree.path(Tree.neutral) + "/" + name()
            props.append(.link(link, to: "/" + parts.dropLast().joined(separator: "/")))
            return link + "/" + parts[parts.count - 1]
        default: return path
        }
    }

    // MARK: Moving

    private mutating func move() -> Attempt {
        let (from, to) = (directory() + "/" + name(), directory() + "/" + name())
        let way = one(Self.ways.filter { $0 != "there" })
        let moving = Attempt.Act.move(from: from, to: to)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            return Attempt(
                takes: [moving], act: "link", words: [way, from, to], truth: .content(to), props: [.file(from)])
        case 1:
            return Attempt(
                takes: [moving, .move(from: to, to: from)], act: "exchange", words: [way, from, to], truth: .content(to),
                props: [.file(from), .other(to)])
        case 2:
            return Attempt(
                takes: [moving, .file(.removeDirectory, path: from), .file(.makeDirectory, path: to)], act: "rename",
                words: [way, from, to], truth: .exists(to, .directory), props: [.directory(from)])
        case 3:
            return Attempt(
                takes: [moving, .file(.remove, path: to)], act: "rename", words: [way, from, to], truth: .content(to),
                props: [.file(from), .other(to)])
        default:
            return Attempt(takes: [moving], act: "rename", words: [way, from, to], truth: .content(to), props: [.file(from)])
        }
    }

    // MARK: Metadata and devices

    private mutating func metadata() -> Attempt {
        let path = directory() + "/" + name()
        let way = one(Self.ways)
        func attempt(
            _ act: String, _ change: Attempt.Act.MetadataChange, _ words: [String], _ truth: Attempt.Truth, ofOthers: Bool = false
        ) -> Attempt {
            Attempt(
                takes: [.metadata(change, path: path, of: ofOthers ? .writable : .own)], act: act, words: words, truth: truth,
                props: [ofOthers ? .others(path) : .other(path)])
        }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return attempt("mode", .mode, [way, path], .mode(path))
        case 1: return attempt("open-mode", .mode, [way, path], .mode(path))
        case 2: return attempt("times", .times, [way, path], .time(path))
        case 3: return attempt("attribute", .attribute, [way, path, Attempt.nonce], .attribute(path), ofOthers: chance(50))
        case 4: return attempt("touch", .touch, [way, path], .touched(path), ofOthers: chance(50))
        default: return attempt("owner", .owner, [way, path], .claimed)
        }
    }

    private mutating func device() -> Attempt {
        switch Int.random(in: 0..<4, using: &generator) {
        case 3:
            // RNDGETENTCNT
            let (device, request) = ("/dev/urandom", UInt64(0x8004_5200))
            let opening = one(Attempt.Act.Opening.allCases)
            return Attempt(
                takes: [.deviceControl(request: request), .controlDevice(opening, path: device)],
                act: opening == .reading ? "control" : "control-unopened", words: ["direct", device, String(request)], truth: .claimed)
        case 0:
            let device = one(["/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random"])
            return Attempt(takes: [.file(.read, path: device)], act: "read", words: ["direct", device], truth: .claimed)
        case 1:
            let device = one(["/dev/null", "/dev/zero", "/dev/urandom"])
            return Attempt(
                takes: [.file(.write, path: device)], act: "write", words: ["direct", device, Attempt.nonce], truth: .claimed)
        default:
            let path = directory() + "/" + name()
            // FS_IOC_GETFLAGS, and with a bit that no int has; FIOCLEX is answered by the kernel itself.
            let request = one([UInt64(0x8008_6601), 0x1_8008_6601, 0x5451])
            return Attempt(
                takes: [.file(.read, path: path), .deviceControl(request: request)], act: "control",
                words: ["direct", path, String(request)], truth: .claimed, props: [.file(path)])
        }
    }
}
