public import Descriptors

/// What `wrap` asks for: everything a session needs, as bytes and descriptors, nothing as a path to open.
/// Frozen, so that other targets may move its descriptors out one by one.
@frozen public struct WrapRequest: ~Copyable {
    public var policy: NamedText
    public var includes: [NamedText]
    /// Values given on the command line. Names are unique by bytes.
    public var inputs: [String: String]
    /// What the session is called, where somebody named it.
    public var name: String?
    /// Never empty.
    public var argv: [[UInt8]]
    /// Where the command was found; absolute.
    public var path: String
    /// `NAME=value` each.
    public var environment: [[UInt8]]
    /// `NAME=value` each: what the policy wants of the caller's credentials.
    public var credentials: [[UInt8]]
    public var cwd: OwnedDescriptor
    /// The working directory's name; absolute.
    public var cwdPath: String
    public var stdin: OwnedDescriptor
    public var stdout: OwnedDescriptor
    public var stderr: OwnedDescriptor
    /// Another user to run as; for root.
    public var user: String?
    public var quiet: Bool
    /// Nothing is served: the policy is proven. The daemon's own prober runs in the command's place, in the command's plan, and its tool is let through.
    public var proves: Bool
    /// The caller is a service that serves others: `stdin` is the connection of whoever asked it, and the session belongs into the cgroup of the
    /// caller's unit. For root.
    public var serves: Bool
    /// The caller is told what the server asks of the kernel: `WrapReply.observer`. It decides nothing there.
    public var observes: Bool

    public init(
        policy: NamedText, includes: [NamedText], inputs: [String: String], name: String?, argv: [[UInt8]], path: String,
        environment: [[UInt8]], credentials: [[UInt8]] = [],
        cwd: consuming OwnedDescriptor, cwdPath: String, stdin: consuming OwnedDescriptor, stdout: consuming OwnedDescriptor,
        stderr: consuming OwnedDescriptor, user: String?, quiet: Bool, proves: Bool = false, serves: Bool = false,
        observes: Bool = false
    ) {
        self.policy = policy
        self.includes = includes
        self.inputs = inputs
        self.name = name
        self.argv = argv
        self.path = path
        self.environment = environment
        self.credentials = credentials
        self.cwd = cwd
        self.cwdPath = cwdPath
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.user = user
        self.quiet = quiet
        self.proves = proves
        self.serves = serves
        self.observes = observes
    }
}
