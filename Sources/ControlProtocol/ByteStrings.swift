/// Strings as the kernel takes them, each ended by NUL: a command line, an environment.
enum ByteStrings {
    /// Nil when one holds NUL itself.
    static func join(_ strings: [[UInt8]]) -> [UInt8]? {
        guard !strings.contains(where: { $0.contains(0) }) else { return nil }
        return strings.flatMap { $0 + [0] }
    }

    /// Nil when the last one is not ended.
    static func split(_ bytes: [UInt8]) -> [[UInt8]]? {
        guard bytes.isEmpty || bytes.last == 0 else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
    }
}
