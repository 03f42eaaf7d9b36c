import Descriptors
import Glibc
import KernelPlan
import StrictJSON
import TestSupport
import Testing

@testable import Commands

/// One command line, run in this process on files of a scratch directory: what it printed and how it ended.
struct CommandRun {
    let output: String
    let errors: String
    let status: Int32

    init(_ words: [String], input: String = "", in directory: ScratchDirectory, table: CommandTable = .all) throws {
        let (inputPath, outputPath, errorPath) = (directory.path + "/.in", directory.path + "/.out", directory.path + "/.err")
        try Self.write(input, to: inputPath)
        try Self.write("", to: outputPath)
        try Self.write("", to: errorPath)
        let files = try [(inputPath, O_RDONLY), (outputPath, O_WRONLY), (errorPath, O_WRONLY)].map { path, flags in
            let number = open(path, flags | O_CLOEXEC)
            try #require(number >= 0)
            return BorrowedDescriptor(number)
        }
        defer { for file in files { close(file.number) } }
        let console = Console(input: files[0], output: files[1], errors: files[2])
        status = SandboxControl.run(words.map { Array($0.utf8) }, table: table, console).code
        output = try Self.read(outputPath)
        errors = try Self.read(errorPath)
    }

    static func write(_ text: String, to path: String) throws {
        let number = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(number >= 0)
        let file = OwnedDescriptor(owning: number)
        try file.writeWhole(text)
    }

    private static func read(_ path: String) throws -> String {
        String(decoding: try #require(try WorkingDirectory().contents(of: path, limit: 1 << 24)), as: UTF8.self)
    }

    /// A profile of a host that need not exist, as a file: everything works for the daemon; without one, what takes no privilege.
    static func host(_ custody: Custody = .daemon, in directory: ScratchDirectory) throws -> String {
        let privileged: Set<Mechanism> = [.connectHooks, .sendHooks, .cgroup, .pins]
        let observations = Mechanism.allCases.map { mechanism in
            (
                mechanism,
                mechanism == .auditLog
                    ? Observation.absent("switched off")
                    : custody == .user && privileged.contains(mechanism) ? Observation.absent("EPERM when set up") : .works
            )
        }
        let profile = HostProfile(
            kernel: "invented", architecture: "x86_64", custody: custody, landlockABI: 7,
            observations: Dictionary(uniqueKeysWithValues: observations))
        let path = "\(directory.path)/\(custody.rawValue).json"
        try write(String(decoding: profile.json.encoded(), as: UTF8.self), to: path)
        return path
    }
}
