import Policy

/// What was found for the paths of a document, by what they are granted for.
struct PathGrants {
    private var paths: [RequestedPath.Purpose: [GrantedPath]] = [:]

    subscript(purpose: RequestedPath.Purpose) -> [GrantedPath] { paths[purpose] ?? [] }

    mutating func add(_ path: GrantedPath, for purpose: RequestedPath.Purpose) { paths[purpose, default: []].append(path) }
}

extension ClauseReader {
    static func files(_ node: YAMLNode?, _ grants: PathGrants) -> FilesClause {
        FilesClause(
            read: node?["read"].map { _ in grants[.read] }, write: node?["write"].map { _ in grants[.write] },
            execute: node?["execute"].map { _ in grants[.execute].isEmpty ? .none : .paths(grants[.execute]) },
            metadata: located(node?["metadata"]) { MetadataGrant(rawValue: $0) },
            protect: located(node?["protect"]) { Protect(rawValue: $0) }, tmp: located(node?["tmp"]) { TemporaryFiles(rawValue: $0) },
            proc: located(node?["proc"]) { ProcessFiles(rawValue: $0) })
    }

    /// Every path that a document grants something for, and where the server starts, in the order in which they stand there.
    static func requestedPaths(_ root: YAMLNode) -> [RequestedPath] {
        root.entries.flatMap { clause in clause.value.entries.flatMap { requestedPaths($0, of: clause.key) } }
    }

    private static func requestedPaths(_ entry: YAMLEntry, of clause: String) -> [RequestedPath] {
        guard let purpose = purpose(of: entry.key, in: clause) else { return [] }
        return purpose == .enter ? [entered(entry.value)] : entry.value.items.map { request($0, for: purpose) }
    }

    private static func purpose(of key: String, in clause: String) -> RequestedPath.Purpose? {
        switch (clause, key) {
        case ("files", "read"): .read
        case ("files", "write"): .write
        case ("files", "execute"): .execute
        case ("egress", "unix"): .connect
        case ("server", "cwd"): .enter
        default: nil
        }
    }

    private static func entered(_ node: YAMLNode) -> RequestedPath {
        RequestedPath(path: node.text ?? "", purpose: .enter, isOptional: false, location: node.location)
    }

    private static func request(_ node: YAMLNode, for purpose: RequestedPath.Purpose) -> RequestedPath {
        let isOptional = node.scalar.map { WrittenPath($0.written).isOptional } ?? false
        let text = node.text ?? ""
        return RequestedPath(
            path: isOptional ? WrittenPath(text).path : text, purpose: purpose, isOptional: isOptional, location: node.location)
    }
}
