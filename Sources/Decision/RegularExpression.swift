import CRE2

/// A regular expression of RE2's own syntax, compiled, as `matches` takes them. Finding takes time linear in the text.
public final class RegularExpression: Sendable {
    /// INVARIANT: never changed after it was made; RE2 objects are safe to share.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// About what program and caches of one expression may take.
    private static let memory: Int64 = 1 << 20

    init(_ text: String) throws(ConditionProblem) {
        let bytes = text.utf8.map { CChar(bitPattern: $0) }
        var error = [CChar](repeating: 0, count: 128)
        guard let handle = cre2_compile(bytes, bytes.count, false, Self.memory, &error, error.count) else {
            let why = String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ConditionProblem(.badPattern(text, why: why))
        }
        self.handle = handle
    }

    deinit { cre2_delete(handle) }

    /// Why RE2 does not take it, in RE2's words; `nil` where it does.
    public static func problem(of text: String) -> String? {
        do { _ = try RegularExpression(text) } catch {
            guard case .badPattern(_, let why) = error.kind else { return nil }
            return why
        }
        return nil
    }

    /// Whether it matches somewhere.
    func isFound(in text: Span<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { cre2_is_found(handle, $0.baseAddress, $0.count) }
        }
    }
}
