/// The command, its user and its environment.
public struct ServerClause: Sendable, Hashable {
    public enum User: String, Sendable, Hashable, CaseIterable {
        /// The uid of whoever asked.
        case caller
        /// A uid of the session's own, with a private home; needs the daemon.
        case session
    }

    /// `nil` when the caller must give one. Variables expanded, never empty.
    public var command: [String]?
    /// Absolute; `nil` for the caller's working directory.
    public var cwd: Located<String>?
    /// What was found at `cwd`; `nil` before anybody looked.
    public var directory: GrantedPath?
    /// `nil`: the caller, or a uid of the session's own where the caller is root.
    public var user: Located<User>?
    public var environment: EnvironmentClause

    public init(
        command: [String]? = nil, cwd: Located<String>? = nil, directory: GrantedPath? = nil, user: Located<User>? = nil,
        environment: EnvironmentClause = .init()
    ) {
        self.command = command
        self.cwd = cwd
        self.directory = directory
        self.user = user
        self.environment = environment
    }
}

/// Where the server's environment comes from. Values of `pass` and `secret` are never part of a policy: names are.
public struct EnvironmentClause: Sendable, Hashable {
    public struct Passed: Sendable, Hashable {
        public var name: String
        public var isOptional: Bool

        public init(name: String, isOptional: Bool) {
            self.name = name
            self.isOptional = isOptional
        }
    }

    public var pass: [Located<Passed>]
    public var set: [String: String]
    /// Secrets by name, taken from the caller's environment.
    public var secret: [Located<String>]

    public init(pass: [Located<Passed>] = [], set: [String: String] = [:], secret: [Located<String>] = []) {
        self.pass = pass
        self.set = set
        self.secret = secret
    }
}
