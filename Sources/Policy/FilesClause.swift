/// Which files the server may read, write and execute. `nil`: the clause is absent; a policy then permits nothing of it, a layer says nothing of it.
public struct FilesClause: Sendable, Hashable {
    /// Directories (with all beneath) and single files; empty for `none`.
    public var read: [GrantedPath]?
    /// Directories (with all beneath) and single files; includes reading. Empty for `none`.
    public var write: [GrantedPath]?
    public var execute: ExecuteGrant?
    public var metadata: Located<MetadataGrant>?
    public var protect: Located<Protect>?
    public var tmp: Located<TemporaryFiles>?
    public var proc: Located<ProcessFiles>?

    public init(
        read: [GrantedPath]? = nil, write: [GrantedPath]? = nil, execute: ExecuteGrant? = nil, metadata: Located<MetadataGrant>? = nil,
        protect: Located<Protect>? = nil, tmp: Located<TemporaryFiles>? = nil, proc: Located<ProcessFiles>? = nil
    ) {
        self.read = read
        self.write = write
        self.execute = execute
        self.metadata = metadata
        self.protect = protect
        self.tmp = tmp
        self.proc = proc
    }
}

/// Of which files mode, owner, times and extended attributes may be changed.
public enum MetadataGrant: String, Sendable, Hashable, CaseIterable {
    case none
    /// Of every file that the session's uid owns, wherever it lies.
    case owned
}

/// Whether client configurations, shell start-up files and `.git/hooks` in a write tree stay as they are.
public enum Protect: String, Sendable, Hashable, CaseIterable {
    case clients, none
}

/// Whether the session has temporary directories of its own in place of /tmp and /var/tmp.
public enum TemporaryFiles: String, Sendable, Hashable, CaseIterable {
    case none, `private`
}

/// What of /proc can be read.
public enum ProcessFiles: String, Sendable, Hashable, CaseIterable {
    case none
    /// The session's own processes.
    case session
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

/// What absent clauses of a policy mean.
extension FilesClause {
    public var readable: [GrantedPath] { read ?? [] }
    public var writable: [GrantedPath] { write ?? [] }
    public var executable: ExecuteGrant { execute ?? .none }
    public var protection: Protect { protect?.value ?? .clients }
}
