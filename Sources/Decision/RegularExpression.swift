import CRE2

/// Regular expressions of RE2, as `matches` takes them.
public enum RegularExpression {
    /// About what program and caches of one may take.
    private static let memory: Int64 = 1 << 20

    /// Why RE2 does not take it, in RE2's words; `nil` where it does.
    public static func problem(of text: String) -> String? {
        let bytes = text.utf8.map { CChar(bitPattern: $0) }
        var error = [CChar](repeating: 0, count: 128)
        guard let handle = cre2_compile(bytes, bytes.count, false, memory, &error, error.count) else {
            return String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        cre2_delete(handle)
        return nil
    }
}
