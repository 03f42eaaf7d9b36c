/// Which files the server may read, write and execute.
public struct FilesClause: Sendable, Hashable {
    /// Directories (with all beneath) and single files.
    public var read: [GrantedPath]
    /// Directories; includes reading.
    public var write: [GrantedPath]
    public var execute: ExecuteGrant
    public var protect: Protect

    public init(read: [GrantedPath] = [], write: [GrantedPath] = [], execute: ExecuteGrant = .none, protect: Protect = .clients) {
        self.read = read
        self.write = write
        self.execute = execute
        self.protect = protect
    }
}

/// Whether client configurations, shell start-up files and `.git/hooks` in a write tree stay as they are.
public enum Protect: String, Sendable, Hashable, CaseIterable {
    case clients, none
}

/// The inodes that execve may name after the server has started.
public enum ExecuteGrant: Sendable, Hashable {
    /// The server starts once, and nothing in the session executes again.
    case none
    /// Files and directories; never empty.
    case paths([GrantedPath])
}

/// A path of the policy and what was found there when the session was compiled.
public struct GrantedPath: Sendable, Hashable {
    /// As written, variables expanded.
    public var path: String
    public var location: SourceLocation
    public var found: PathFacts

    public init(path: String, location: SourceLocation, found: PathFacts) {
        self.path = path
        self.location = location
        self.found = found
    }
}
