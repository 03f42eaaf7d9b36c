import ControlProtocol
import Descriptors
import Glibc

/// Finds policies and includes as the caller: by path, or by name in the known places.
///
/// A project, and a session that may write there or in the home, could put a policy under a name that somebody uses already. So a name that
/// stands there and anywhere else means none of both. What root wrote does stand in for what is shipped.
struct PolicyFinder: Sendable {
    /// Where names are looked for, in this order; then among the shipped ones.
    let directories: [String]

    /// Root's.
    static let system = "/etc/sandboxd/policies"

    init(_ environment: CallerEnvironment) {
        let configuration = environment.directory("XDG_CONFIG_HOME", belowHome: ".config")
        directories = ["./.sandboxd"] + [configuration.map { $0 + "/sandboxd/policies" }].compactMap { $0 } + [Self.system]
    }

    init(directories: [String]) { self.directories = directories }

    /// A text with a `/` or an ending is a path; anything else is a name.
    func find(_ text: String) throws(PolicyLookupFailure) -> FoundPolicy {
        if Self.isPath(text) { return try read(text) }
        var found: FoundPolicy?
        for directory in directories {
            guard let next = try readIfThere("\(directory)/\(text).yaml") else { continue }
            if let first = found { throw .ambiguousName(text, path: first.text.name, other: next.text.name) }
            found = next
        }
        guard let bytes = ShippedPolicies.bytes(of: text) else {
            guard let found else { throw .unknownName(text, searched: directories) }
            return found
        }
        if let found, found.directory != Self.system { throw .ambiguousName(text, path: found.text.name, other: nil) }
        return found ?? FoundPolicy(text: NamedText(name: text, bytes: bytes), directory: nil)
    }

    /// What an `include` names, seen from the policy that is wrapped: a file beside it, else a shipped preset; nil when there is neither.
    func include(_ name: String, besides directory: String?) throws(PolicyLookupFailure) -> NamedText? {
        if let directory {
            let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
            if let found = try readIfThere(Self.isPath(name) ? path : path + ".yaml") {
                return NamedText(name: name, bytes: found.text.bytes, path: found.text.path)
            }
        }
        return ShippedPolicies.bytes(of: name).map { NamedText(name: name, bytes: $0) }
    }

    /// The tests that stand beside a policy: `notes.tests.yaml` beside `notes.yaml`.
    func tests(beside policy: FoundPolicy) throws(PolicyLookupFailure) -> NamedText? {
        guard policy.directory != nil, let ending = Self.endings.first(where: { policy.text.name.hasSuffix($0) }) else { return nil }
        return try readIfThere(policy.text.name.dropLast(ending.count) + ".tests.yaml")?.text
    }

    private static let endings = [".yaml", ".yml", ".json"]

    static func isPath(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "/")) || endings.contains { text.hasSuffix($0) }
    }

    private func readIfThere(_ path: String) throws(PolicyLookupFailure) -> FoundPolicy? {
        do {
            return try read(path)
        } catch {
            if case .unreadable(_, "ENOENT") = error { return nil }
            throw error
        }
    }

    private func read(_ path: String) throws(PolicyLookupFailure) -> FoundPolicy {
        let bytes: [UInt8]?
        do {
            // Longer than the limit by one, so that the text's own reason tells it.
            bytes = try WorkingDirectory().contents(of: path, limit: ControlLimits.documentBytes)
        } catch {
            throw .unreadable(file: path, error: error == .invalid ? Self.kind(path) : error.name)
        }
        guard let bytes else { throw .unreadable(file: path, error: "EFBIG") }
        return FoundPolicy(text: NamedText(name: path, bytes: bytes, path: Self.resolved(path)), directory: Self.directory(of: path))
    }

    /// realpath(3).
    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(validatingCString: found)
    }

    /// What is there instead of a regular file.
    private static func kind(_ path: String) -> String {
        (try? WorkingDirectory().status(of: path).isDirectory) == true ? "EISDIR" : "EINVAL"
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
