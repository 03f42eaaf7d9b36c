import Descriptors

@testable import Kernel

/// A python as another user, confined as a test says, by the daemon's own launch code.
enum ConfinedPython {
    /// What it prints.
    static func run(_ program: String, ruleset: borrowing OwnedDescriptor) throws -> String {
        try run(program, ruleset: ruleset.borrowed, seccomp: nil)
    }

    static func run(_ program: String, seccomp: borrowing OwnedDescriptor) throws -> String {
        try run(program, ruleset: nil, seccomp: seccomp.borrowed)
    }

    static func run(
        _ program: String, _ arguments: [String] = [], ruleset: BorrowedDescriptor? = nil, seccomp: BorrowedDescriptor? = nil,
        cgroup: BorrowedDescriptor? = nil, isRoot: Bool = false
    ) throws -> String {
        try run(
            path: "/usr/bin/python3", ["python3", "-ISc", program] + arguments, ruleset: ruleset, seccomp: seccomp, cgroup: cgroup,
            isRoot: isRoot)
    }

    /// What another program prints; the arguments begin with its name.
    static func run(
        path: String, _ arguments: [String], ruleset: BorrowedDescriptor? = nil, seccomp: BorrowedDescriptor? = nil,
        cgroup: BorrowedDescriptor? = nil, isRoot: Bool = false
    ) throws -> String {
        let null = try WorkingDirectory().open("/dev/null", .readWrite)
        let pipe = try Pipe()
        let writer = pipe.writer
        let reader = pipe.reader
        let identity = isRoot ? LaunchSpecification.Identity(uid: 0, gid: 0, groups: [], isChanged: false) : stranger
        let specification = LaunchSpecification(
            path: Array(path.utf8), arguments: arguments.map { Array($0.utf8) }, environment: [], identity: identity, waitsForGo: false,
            keepsPrivilege: isRoot, dropsBounding: !isRoot)
        let process = try StartedProcess.start(
            specification,
            LaunchSpecification.Descriptors(
                ruleset: ruleset, seccomp: seccomp, inherited: [null.borrowed, writer.borrowed, writer.borrowed]), cgroup: cgroup)
        _ = consume writer
        let bytes = try reader.readAll(limit: 1 << 16) ?? []
        process.reap(waiting: true)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let stranger = LaunchSpecification.Identity(uid: 12_345, gid: 12_345, groups: [], isChanged: true)
}
