public import Policy

/// What the compiler must know of one launch beside policy and host: found by looking, before it is called.
public struct LaunchFacts: Sendable, Hashable {
    /// A file that is executed to start the server: the command, the interpreters its `#!` names, the loaders these name.
    public struct ChainLink: Sendable, Hashable {
        public enum Role: String, Sendable, Hashable, CaseIterable { case command, interpreter, loader }

        public var role: Role
        public var facts: PathFacts

        public init(role: Role, facts: PathFacts) {
            self.role = role
            self.facts = facts
        }
    }

    /// What holds the session and must not be writable by it.
    public struct Cage: Sendable, Hashable {
        /// Resolved.
        public var path: String
        /// `the policy`, `sandboxd's state`, `the server's own command`, …
        public var what: String

        public init(path: String, what: String) {
            self.path = path
            self.what = what
        }
    }

    public var caller: Caller
    /// Never empty; the first is the command. Empty only for `check` of a policy without a command.
    public var chain: [ChainLink]
    /// Loaders and interpreters that the files of `files.execute` name.
    public var executeChain: [ChainLink]
    public var cages: [Cage]
    /// What `files.protect: clients` keeps, as far as it exists and what may be written reaches it or lies in it; resolved.
    public var protected: [String]
    /// Of `protected`, what would change though it is mounted over: links that may be written, and files with several names.
    public var changeable: [String]
    /// /dev/null and the others of the floor, as found here.
    public var floor: [PathFacts]
    /// The uid of the session's own that the daemon has set aside; `nil` where none is known yet (`check`).
    public var sessionUID: UInt32?

    /// Who asked.
    public struct Caller: Sendable, Hashable {
        public var uid: UInt32
        public var gid: UInt32
        public var groups: [UInt32]

        public init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
            self.uid = uid
            self.gid = gid
            self.groups = groups
        }
    }

    public init(
        caller: Caller, chain: [ChainLink], executeChain: [ChainLink] = [], cages: [Cage] = [], protected: [String] = [],
        changeable: [String] = [], floor: [PathFacts] = [], sessionUID: UInt32? = nil
    ) {
        self.caller = caller
        self.chain = chain
        self.executeChain = executeChain
        self.cages = cages
        self.protected = protected
        self.changeable = changeable
        self.floor = floor
        self.sessionUID = sessionUID
    }
}
