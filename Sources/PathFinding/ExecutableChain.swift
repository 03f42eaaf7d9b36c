public import Descriptors
import Glibc
public import Policy

/// What execve(2) opens to start a command: the file, the interpreters of its `#!` lines, and the loaders that these name.
public struct ExecutableChain: Sendable, Hashable {
    public enum Role: String, Sendable, Hashable, CaseIterable { case command, interpreter, loader }

    public struct Link: Sendable, Hashable {
        public var role: Role
        public var facts: PathFacts

        public init(role: Role, facts: PathFacts) {
            self.role = role
            self.facts = facts
        }
    }

    /// The first is the command.
    public private(set) var links: [Link] = []

    /// Follows a command from its absolute path, as this process with its credentials finds it; descriptors of all links are kept.
    ///
    /// Errors: R403 when nothing is there; R404 with the file of the chain that is to blame.
    public static func of(_ command: String, keeping descriptors: inout DescriptorList) throws(Refusal) -> ExecutableChain {
        var chain = ExecutableChain()
        do throws(Fault) {
            try chain.add(Array(command.utf8), .command, &descriptors, depth: 0)
        } catch {
            throw Refusal(error.reason(for: command))
        }
        return chain
    }

    private struct Fault: Error {
        var error: Errno
        var component: [UInt8]
        var isMissingCommand = false

        func reason(for command: String) -> Reason {
            if isMissingCommand { return Reason(.commandNotFound, ["command": command]) }
            let component = String(decoding: component, as: UTF8.self)
            return Reason(.commandNotExecutable, ["command": command, "error": error.name, "component": component])
        }
    }

    /// Interpreters of interpreters: as often as the kernel rewrites a command (fs/exec.c).
    private static let deepest = 5

    /// Nothing there is "not found" for the command only: an interpreter that is missing keeps a command that is there from starting.
    private mutating func add(_ path: [UInt8], _ role: Role, _ descriptors: inout DescriptorList, depth: Int) throws(Fault) {
        let found: PathWalk.Found
        do { found = try PathWalk.find(path) } catch {
            let isMissing = error.error == .noEntry || error.error == .notDirectory
            throw Fault(error: error.error, component: error.component, isMissingCommand: role == .command && isMissing)
        }
        let next: Next
        do { next = try Self.next(after: found, role) } catch { throw Fault(error: error, component: path) }
        links.append(Link(role: role, facts: found.facts))
        descriptors.append(found.descriptor)
        try follow(next, at: path, &descriptors, depth: depth)
    }

    private mutating func follow(_ next: Next, at path: [UInt8], _ descriptors: inout DescriptorList, depth: Int) throws(Fault) {
        guard case .file(let name, let role) = next else { return }
        guard depth < Self.deepest else { throw Fault(error: .loop, component: path) }
        // A relative name would mean another file in another directory.
        guard name.first == UInt8(ascii: "/") else { throw Fault(error: .noEntry, component: name) }
        try add(name, role, &descriptors, depth: depth + 1)
    }

    // MARK: One file

    private enum Next {
        case nothing
        case file([UInt8], Role)
    }

    private static func next(after found: borrowing PathWalk.Found, _ role: Role) throws(Errno) -> Next {
        guard found.facts.kind == .file else { throw .access }
        let path = Array(found.facts.resolved.utf8)
        try CommandLookup.checkExecutable(path)
        // The kernel maps a loader and does not ask what it names.
        if role == .loader { return .nothing }
        let file = try PathWalk.openWithoutLinks(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard try file.status().inode == found.facts.inode else { throw Errno(code: ESTALE) }
        switch ExecutableHeader(try file.bytes(at: 0, count: ELF.headerBytes)) {
        case .script(let interpreter): return .file(interpreter, .interpreter)
        case .program(nil): return .nothing
        case .program(let range?):
            let name = try file.bytes(at: range.lowerBound, count: range.count)
            guard name.count == range.count, name.last == 0 else { throw Errno(code: ENOEXEC) }
            return .file(Array(name.prefix { $0 != 0 }), .loader)
        case .unknown: throw Errno(code: ENOEXEC)
        }
    }
}
