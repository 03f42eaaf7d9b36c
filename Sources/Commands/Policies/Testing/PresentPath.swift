import Glibc

/// What a path denotes here, as the caller sees it.
enum PresentPath {
    /// Links followed as far as the path exists; what does not exist yet is taken as it is written.
    static func resolved(_ path: String) -> String {
        var there = path
        var missing: [Substring] = []
        while true {
            if let found = realpath(there, nil) {
                defer { free(found) }
                let base = String(cString: found)
                return missing.isEmpty ? base : (base == "/" ? "" : base) + "/" + missing.reversed().joined(separator: "/")
            }
            guard let slash = there.lastIndex(of: "/"), there != "/" else { return path }
            let last = there[there.index(after: slash)...]
            if !last.isEmpty { missing.append(last) }
            there = slash == there.startIndex ? "/" : String(there[..<slash])
        }
    }
}
