import Descriptors
public import Policy
public import PolicyText

/// Where a host's administrator keeps policies: root's alone, so that the daemon opens them itself. A session that was started from one of them is
/// held to what it says later, too; no caller chooses the directory.
public struct PolicyDirectory: Sendable, Hashable {
    public let path: String
    /// Whose the directory and the documents must be, writable by nobody else.
    let owner: UInt32

    /// Where a host's policies lie unless sandboxd was told otherwise.
    public static let defaultPath = "/etc/sandboxd/policies"

    /// That of this host.
    public static let host = PolicyDirectory(path: defaultPath, owner: 0)

    private static let mostIncludes = 48

    public init(path: String, owner: UInt32) {
        self.path = path
        self.owner = owner
    }

    /// One policy and all that it includes, as they are now.
    public struct Texts: Sendable, Hashable {
        public let policy: PolicySource
        /// By the names that `include` gives them.
        public let includes: [PolicySource]

        public init(policy: PolicySource, includes: [PolicySource]) {
            self.policy = policy
            self.includes = includes
        }
    }

    /// The name of the policy that lies at a path, where it lies right here; the path is not opened.
    public func name(ofPath given: String) -> String? {
        guard let slash = given.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let directory = given[..<slash], name = given[given.utf8.index(after: slash)...]
        guard directory.utf8.elementsEqual(path.utf8), !name.isEmpty else { return nil }
        return String(name)
    }

    /// The texts of a policy of this directory; `nil` where there is none of that name, or not a file of root's alone. Of what it includes, a file
    /// beside it comes before what is shipped; what is neither the parser tells of, at its place.
    public func texts(of name: String) throws(Refusal) -> Texts? {
        guard !name.utf8.contains(UInt8(ascii: "/")), let policy = try source(named: name, as: path + "/" + name) else { return nil }
        var includes: [PolicySource] = []
        var pending = [policy][...]
        while let next = pending.popFirst() {
            // A text that cannot be read has no includes that matter: its reasons are told when it is parsed.
            for entry in (try? PolicyText.includes(of: next)) ?? []
            where !includes.contains(where: { $0.name.utf8.elementsEqual(entry.value.utf8) }) {
                guard includes.count < Self.mostIncludes else {
                    throw Refusal(Reason(.tooLarge, at: entry.location, ["what": "includes", "limit": "\(Self.mostIncludes)"]))
                }
                guard let include = try include(entry.value) else { continue }
                includes.append(include)
                pending.append(include)
            }
        }
        return Texts(policy: policy, includes: includes)
    }

    private func include(_ name: String) throws(Refusal) -> PolicySource? {
        let isPath = name.utf8.contains(UInt8(ascii: "/")) || [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
        if !name.utf8.contains(UInt8(ascii: "/")), let found = try source(named: isPath ? name : name + ".yaml", as: name) { return found }
        return ShippedPolicies.bytes(of: name).map { PolicySource(name: name, bytes: $0) }
    }

    /// `nil` where there is none, or not one of root's alone.
    private func source(named file: String, as name: String) throws(Refusal) -> PolicySource? {
        let directory = LayerDirectory(path: path, owner: owner)
        guard directory.isOwners else { return nil }
        do throws(Refusal) { return PolicySource(name: name, bytes: try directory.bytes(of: path + "/" + file)) } catch {
            guard error.reasons.all.contains(where: { $0.code != .foreignLayer && $0.facts["error"] != Errno.noEntry.name }) else {
                return nil
            }
            throw error
        }
    }
}
