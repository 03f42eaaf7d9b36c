/// A path of the policy before anybody looked: what the finder is asked.
public struct RequestedPath: Sendable, Hashable {
    /// `connect`: a unix socket. `enter`: where the server starts.
    public enum Purpose: String, Sendable, Hashable, CaseIterable { case read, write, execute, connect, enter }

    /// Absolute, variables expanded.
    public var path: String
    public var purpose: Purpose
    /// Written with a trailing `?`: where nothing is there, nothing is granted.
    public var isOptional: Bool
    public var location: SourceLocation

    public init(path: String, purpose: Purpose, isOptional: Bool, location: SourceLocation) {
        self.path = path
        self.purpose = purpose
        self.isOptional = isOptional
        self.location = location
    }
}

/// What the finder saw of the host's nameservers, in resolv.conf(5).
public struct FoundNameservers: Sendable, Hashable {
    /// In file order, each once.
    public var addresses: [IPAddress]
    /// Those that are given and that no clause can name, as they are written: link-local ones, and what is no address.
    public var leftOut: [String]
    /// The name of an errno, where the file could not be read.
    public var error: String?

    public init(addresses: [IPAddress] = [], leftOut: [String] = [], error: String? = nil) {
        self.addresses = addresses
        self.leftOut = leftOut
        self.error = error
    }

    /// The file that names them.
    public static let file = "/etc/resolv.conf"
}

/// What the finder answers for one path.
public enum PathFinding: Sendable, Hashable {
    case found(PathFacts)
    /// The name of an errno (`ENOENT`, `EACCES`, …) and the component at which it came.
    case failed(error: String, component: String)
    case timedOut
}
