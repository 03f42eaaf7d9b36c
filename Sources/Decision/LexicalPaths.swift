/// Directories and files that a path lies at or below, by its letters alone: no link is followed, nothing is asked of the system.
struct LexicalPaths: Sendable {
    /// Normal forms: components with a slash before each; empty for the root.
    private let roots: [[UInt8]]
    /// Normal form of what relative paths begin at.
    private let cwd: [UInt8]?

    init(_ paths: [String], cwd: String?) throws(ConditionProblem) {
        guard !paths.isEmpty else { throw ConditionProblem(.empty) }
        self.cwd = cwd.flatMap { Self.normal(Array($0.utf8), from: nil) }
        var roots: [[UInt8]] = []
        for path in paths {
            guard let root = Self.normal(Array(path.utf8), from: self.cwd) else { throw ConditionProblem(.badPath(path)) }
            roots.append(root)
        }
        self.roots = roots
    }

    /// Unknown for what programs take differently.
    func contains(_ path: Span<UInt8>) -> Truth {
        guard !Self.isEquivocal(path), path[0] == Self.slash || cwd != nil else { return .unknown }
        let beginning = path[0] == Self.slash ? [] : cwd ?? []
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: beginning.count + path.count + 1) { room in
            let count = Self.normalise(path, from: beginning, into: room)
            return Truth(roots.contains { Self.lies(room, count, atOrBelow: $0) })
        }
    }

    private static let slash = UInt8(ascii: "/")

    private static func normal(_ path: [UInt8], from cwd: [UInt8]?) -> [UInt8]? {
        guard !isEquivocal(path.span), path[0] == slash || cwd != nil else { return nil }
        let beginning = path[0] == slash ? [] : cwd ?? []
        return [UInt8](unsafeUninitializedCapacity: beginning.count + path.count + 1) { room, count in
            count = normalise(path.span, from: beginning, into: room)
        }
    }

    /// Whether a program might see another path in it: one that ends at U+0000 or a line's end, trims spaces or quotes, knows `~` and
    /// variables, takes backslashes for slashes, or accepts URIs.
    private static func isEquivocal(_ path: Span<UInt8>) -> Bool {
        guard path.count > 0, !path[0].isOne(of: " ~$\"'`"), path[path.count - 1] != UInt8(ascii: " "), !isTrimmed(path) else {
            return true
        }
        for index in path.indices where path[index] < 0x20 || path[index] == 0x7F || path[index] == UInt8(ascii: "\\") { return true }
        return hasScheme(path)
    }

    /// Whether it begins or ends with white space beyond ASCII, or with a byte order mark.
    private static func isTrimmed(_ path: Span<UInt8>) -> Bool {
        guard path[0] >= 0x80 || path[path.count - 1] >= 0x80 else { return false }
        return spaces.contains { space in
            guard path.count >= space.count else { return false }
            let end = path.count - space.count
            return space.indices.allSatisfy { path[$0] == space[$0] } || space.indices.allSatisfy { path[end + $0] == space[$0] }
        }
    }

    /// What trim() of common languages takes away (White_Space of Unicode, and U+FEFF).
    private static let spaces: [[UInt8]] = (0x80...0xFFFF).compactMap { Unicode.Scalar($0 as UInt32) }
        .filter { $0.properties.isWhitespace || $0.value == 0xFEFF }.map { Array(String($0).utf8) }

    /// `file:/…`: letters, digits, `+-.` up to a colon that a slash follows; `file:` also alone, since `file:../x` is a path from the root.
    private static func hasScheme(_ path: Span<UInt8>) -> Bool {
        guard path[0].isLetter else { return false }
        var at = 1
        while at < path.count, path[at].isLetter || path[at].isDigit || path[at].isOne(of: "+-.") { at += 1 }
        guard at < path.count, path[at] == UInt8(ascii: ":") else { return false }
        return at + 1 < path.count && path[at + 1] == slash || isFile(path, at)
    }

    private static func isFile(_ path: Span<UInt8>, _ length: Int) -> Bool {
        let name: StaticString = "file"
        guard length == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { name in name.indices.allSatisfy { path[$0] | 0x20 == name[$0] } }
    }

    /// Writes the normal form and returns its length; `..` at the root stays there (POSIX 4.13).
    private static func normalise(_ path: Span<UInt8>, from beginning: [UInt8], into room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        for byte in beginning {
            room[count] = byte
            count += 1
        }
        var at = 0
        while at < path.count {
            var end = at
            while end < path.count, path[end] != slash { end += 1 }
            count = take(path, at..<end, into: room, count)
            at = end + 1
        }
        return count
    }

    private static func take(
        _ path: Span<UInt8>, _ component: Range<Int>, into room: UnsafeMutableBufferPointer<UInt8>, _ count: Int
    ) -> Int {
        let dots = component.allSatisfy { path[$0] == UInt8(ascii: ".") } ? component.count : 3
        if dots < 2 { return count }
        var count = count
        if dots == 2 {
            while count > 0, room[count - 1] != slash { count -= 1 }
            return max(count - 1, 0)
        }
        room[count] = slash
        for (offset, index) in component.enumerated() { room[count + 1 + offset] = path[index] }
        return count + 1 + component.count
    }

    private static func lies(_ path: UnsafeMutableBufferPointer<UInt8>, _ count: Int, atOrBelow root: [UInt8]) -> Bool {
        guard count >= root.count, count == root.count || path[root.count] == slash else { return false }
        return root.indices.allSatisfy { path[$0] == root[$0] }
    }
}
