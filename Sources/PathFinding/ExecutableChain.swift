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

    public var links: [Link]

    /// Follows a command from its absolute path; descriptors of all links are kept. Throws R403 or R404.
    public static func of(_ command: String, keeping descriptors: inout DescriptorList) throws(Refusal) -> ExecutableChain {
        var chain = ExecutableChain(links: [])
        try chain.append(.command, command, command, &descriptors, depth: 0)
        return chain
    }

    /// The kernel follows at most five (BINPRM_MAX_RECURSION).
    private static let depthLimit = 5

    private mutating func append(
        _ role: Role, _ path: String, _ command: String, _ descriptors: inout DescriptorList, depth: Int
    ) throws(Refusal) {
        let unusable = { (error: String) in Refusal(Reason(.commandNotExecutable, ["command": command, "error": error])) }
        guard depth < Self.depthLimit else { throw unusable("too many interpreters") }
        switch PathFinder.find(path, keeping: &descriptors) {
        case .failed(let error, let component):
            guard role == .command, error == "ENOENT" || error == "ENOTDIR" else { throw unusable("\(error) at \(component)") }
            throw Refusal(Reason(.commandNotFound, ["command": command]))
        case .timedOut: throw unusable("no answer")
        case .found(let facts):
            guard facts.kind == .file else { throw unusable("not a regular file: \(facts.resolved)") }
            guard faccessat(AT_FDCWD, facts.resolved, X_OK, AT_EACCESS) == 0 else { throw unusable("\(Errno.last.name) at \(facts.resolved)") }
            links.append(Link(role: role, facts: facts))
            guard role != .loader else { return }
            try followHeader(of: facts, command, &descriptors, depth: depth)
        }
    }

    private mutating func followHeader(
        of facts: PathFacts, _ command: String, _ descriptors: inout DescriptorList, depth: Int
    ) throws(Refusal) {
        let header: ExecutableHeader
        do throws(Errno) { header = try ExecutableHeader.read(facts.resolved) } catch {
            throw Refusal(Reason(.commandNotExecutable, ["command": command, "error": "\(error.name) at \(facts.resolved)"]))
        }
        switch header {
        case .script(let interpreter): try append(.interpreter, interpreter, command, &descriptors, depth: depth + 1)
        case .program(let loader?): try append(.loader, loader, command, &descriptors, depth: depth + 1)
        case .program(nil): break
        case .unknown: throw Refusal(Reason(.commandNotExecutable, ["command": command, "error": "ENOEXEC at \(facts.resolved)"]))
        }
    }
}
