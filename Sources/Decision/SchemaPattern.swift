import CRE2
import StrictJSON

/// A regular expression of a schema, compiled by RE2: matching takes time linear in the text.
final class SchemaPattern: Sendable {
    // RE2 objects are immutable but for caches that lock themselves.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// About what program and caches of one pattern may take.
    private static let memory: Int64 = 1 << 18

    /// Compiles a pattern of ECMA-262, as JSON Schema has them. `place` is where it stands.
    init(_ text: String, ignoringCase: Bool, at place: String) throws(SchemaProblem) {
        var translation = SchemaPatternTranslation(text)
        guard let expression = translation.translated() else {
            throw SchemaProblem(.badPattern(why: translation.fault ?? "syntax error"), at: place)
        }
        let bytes = expression.utf8.map { CChar(bitPattern: $0) }
        var error = [CChar](repeating: 0, count: 128)
        guard let handle = cre2_compile(bytes, bytes.count, ignoringCase, Self.memory, &error, error.count) else {
            let why = String(decoding: error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw SchemaProblem(.badPattern(why: why), at: place)
        }
        self.handle = handle
    }

    /// About what it costs to compile and to keep.
    var size: Int { Int(cre2_size(handle)) }

    deinit { cre2_delete(handle) }

    /// Whether it matches somewhere in a string or a member's name.
    func isFound(in node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        tape.withString(node) { isFound(in: $0, upTo: $0.count) } ?? false
    }

    /// Whether it matches somewhere in what a lax reader takes a member's name for.
    func isFound(inFoldOf node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        tape.withString(node) { name in
            var end = 0
            while end < name.count, name[end] != 0, name[end] < 0x80 { end += 1 }
            if end == name.count || name[end] == 0 { return isFound(in: name, upTo: end) }
            let folded = FoldedName(name).text
            return isFound(in: folded.span, upTo: folded.count)
        } ?? false
    }

    private func isFound(in text: Span<UInt8>, upTo end: Int) -> Bool {
        text.extracting(0..<end).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { cre2_is_found(handle, $0.baseAddress, $0.count) }
        }
    }
}
