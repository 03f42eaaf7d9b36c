/// Makes of the files that were seen the paths that are granted.
///
/// The rule, told in every policy that is learned: a directory that was listed, or of which three files or more were read, is granted whole; so is one of
/// which three directories or more are. Never so: `/`, the directories in it, those in /usr, /etc and /var, and a home; what was seen there is granted
/// one by one.
struct PathGeneralisation {
    /// By path, resolved; never one that lies below another that is granted.
    private(set) var granted: [String: Sightings.Tally] = [:]
    /// Directories that were listed, and are too wide to be granted.
    private(set) var tooWide: [String: Sightings.Tally] = [:]

    private static let enough = 3

    /// `homes`: directories that are never granted whole, besides.
    init(files: [String: Sightings.Tally], directories: [String: Sightings.Tally], homes: Set<String>) {
        for (path, tally) in directories {
            if Self.isTooWide(path, homes) { tooWide[path] = tally } else { granted[path, default: .init()].add(tally) }
        }
        for (path, tally) in files { granted[path, default: .init()].add(tally) }
        removeCovered()
        var isGrowing = true
        while isGrowing { isGrowing = widen(homes) }
    }

    /// Grants directories of which enough is granted; false when there is none.
    private mutating func widen(_ homes: Set<String>) -> Bool {
        var children: [String: [String]] = [:]
        for path in granted.keys { children[Self.directory(of: path), default: []].append(path) }
        var hasWidened = false
        for (directory, paths) in children where paths.count >= Self.enough && !Self.isTooWide(directory, homes) {
            var tally = Sightings.Tally()
            for path in paths { if let one = granted.removeValue(forKey: path) { tally.add(one) } }
            granted[directory, default: .init()].add(tally)
            hasWidened = true
        }
        if hasWidened { removeCovered() }
        return hasWidened
    }

    private mutating func removeCovered() {
        for (path, tally) in granted {
            var above = Self.directory(of: path)
            while above != "/" {
                if granted[above] != nil {
                    granted[path] = nil
                    granted[above]?.add(tally)
                    break
                }
                above = Self.directory(of: above)
            }
        }
    }

    private static let wide: Set<String> = ["/usr", "/etc", "/var", "/usr/local", "/usr/share", "/var/lib", "/var/cache", "/home"]

    static func isTooWide(_ path: String, _ homes: Set<String>) -> Bool {
        let parent = directory(of: path)
        if path == "/" || parent == "/" || homes.contains(path) || wide.contains(path) { return true }
        // What lies directly in a home, and is hidden, holds the configuration of everything: `.config`, `.local`, `.cache`.
        if homes.contains(parent), path.dropFirst(parent.count + 1).hasPrefix(".") { return true }
        return homes.contains { $0.hasPrefix(path + "/") }
    }

    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Whether a path is one of these, or lies below one.
    static func isCovered(_ path: String, by granted: Set<String>) -> Bool {
        var above = path
        while above != "/" {
            if granted.contains(above) { return true }
            above = directory(of: above)
        }
        return false
    }
}
