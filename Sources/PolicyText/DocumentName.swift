/// What a document is called that gives itself no name.
enum DocumentName {
    /// The last component of a path, without the ending of its format.
    static func of(_ source: String) -> String {
        let last = source.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? source
        for suffix in [".yaml", ".yml", ".json"] where last.utf8.count > suffix.utf8.count && last.hasSuffix(suffix) {
            return String(last.dropLast(suffix.count))
        }
        return last
    }
}
