extension Tightening {
    mutating func tightenFiles() {
        let own = clauses.files, other = layer.clauses.files
        tightenTrees(own, other)
        clauses.files.execute = intersection(own.execute, other.execute)
        clauses.files.metadata = Self.narrower(own.metadata, other.metadata, narrowest: .none)
        clauses.files.tmp = Self.narrower(own.tmp, other.tmp, narrowest: .none)
        clauses.files.proc = Self.narrower(own.proc, other.proc, narrowest: .none)
        if let protect = other.protect, protect.value == .clients, own.protect?.value == Protect.none { clauses.files.protect = protect }
    }

    /// Writing includes reading, so that a policy's write that a layer takes away leaves reading where the layer does not take that too.
    private mutating func tightenTrees(_ own: FilesClause, _ other: FilesClause) {
        let written = other.write.map { own.write == nil ? [] : intersection(own.writable, $0, "files.write") }
        let readable = own.readable + own.writable
        if let read = other.read {
            // Reading by a write that the layer says nothing of stays.
            let both =
                written == nil
                ? intersection(own.readable, read, "files.read") : intersection(readable, read + other.writable, "files.read")
            clauses.files.read = remaining(both, besides: written ?? own.writable, of: own)
        } else if let written {
            clauses.files.read = remaining(readable, besides: written, of: own)
        }
        if let written, own.write != nil { clauses.files.write = written }
    }

    /// Without what was no read of the policy's and can be read by a write anyway.
    private func remaining(_ paths: [GrantedPath], besides written: [GrantedPath], of own: FilesClause) -> [GrantedPath]? {
        let rest = paths.filter { path in own.readable.contains(path) || !written.contains { $0.covers(path) } }
        return own.read == nil && rest.isEmpty ? nil : rest
    }

    private mutating func intersection(_ own: ExecuteGrant?, _ other: ExecuteGrant?) -> ExecuteGrant? {
        guard let own, let other else { return own }
        switch (own, other) {
        case (.none, _), (_, .none): return ExecuteGrant.none
        case (.paths(let left), .paths(let right)):
            let both = intersection(left, right, "files.execute")
            return both.isEmpty ? ExecuteGrant.none : .paths(both)
        }
    }

    /// Of each nested pair the deeper one.
    mutating func intersection(_ own: [GrantedPath], _ other: [GrantedPath], _ clause: String) -> [GrantedPath] {
        guard own.count * other.count <= EndpointIntersection.mostWork else {
            refuse(clause, .tooMany, at: other.first?.location ?? layer.location)
            return []
        }
        var both: [GrantedPath] = []
        for path in own {
            if other.contains(where: { $0.covers(path) }) { both.append(path) } else { both += other.filter { path.covers($0) } }
        }
        return both.reduce(into: []) { list, path in if !list.contains(where: { $0.isSame(as: path) }) { list.append(path) } }
    }
}

extension GrantedPath {
    /// Whether all that the other grants is granted by this one, too.
    func covers(_ other: GrantedPath) -> Bool {
        switch found.kind {
        case .directory: other.found.resolved.lies(atOrBelow: found.resolved)
        case .file, .socket, .other: isSame(as: other)
        }
    }

    fileprivate func isSame(as other: GrantedPath) -> Bool {
        found.resolved.utf8.elementsEqual(other.found.resolved.utf8) && found.device == other.found.device
            && found.inode == other.found.inode
    }
}

extension String {
    fileprivate func lies(atOrBelow directory: String) -> Bool {
        if directory.utf8.elementsEqual("/".utf8) || utf8.elementsEqual(directory.utf8) { return true }
        return utf8.starts(with: directory.utf8) && utf8.dropFirst(directory.utf8.count).first == UInt8(ascii: "/")
    }
}
