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

    /// A variable whose value is nobody's to see.
    public struct Secret: Sendable, Hashable {
        public enum Source: String, Sendable, Hashable {
            /// The caller's environment.
            case environment = "env"
            /// What the service manager handed to the caller under that name (`$CREDENTIALS_DIRECTORY`, systemd.exec(5)).
            case credential
        }

        public var name: String
        public var source: Source

        public init(name: String, source: Source) {
            self.name = name
            self.source = source
        }
    }

    public var pass: [Located<Passed>]
    public var set: [String: String]
    public var secret: [Located<Secret>]

    public init(pass: [Located<Passed>] = [], set: [String: String] = [:], secret: [Located<Secret>] = []) {
        self.pass = pass
        self.set = set
        self.secret = secret
    }
}
