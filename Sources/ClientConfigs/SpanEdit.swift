/// Some bytes of a file, and what comes in their place.
struct SpanEdit: Sendable, Hashable {
    let span: Range<Int>
    let bytes: [UInt8]

    static func insertion(of bytes: [UInt8], at offset: Int) -> SpanEdit { SpanEdit(span: offset..<offset, bytes: bytes) }

    static func removal(of span: Range<Int>) -> SpanEdit { SpanEdit(span: span, bytes: []) }

    /// All at once; spans do not overlap.
    static func apply(_ edits: [SpanEdit], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var end = 0
        for edit in edits.sorted(by: { ($0.span.lowerBound, $0.span.upperBound) < ($1.span.lowerBound, $1.span.upperBound) }) {
            precondition(edit.span.lowerBound >= end, "edits overlap")
            result += bytes[end..<edit.span.lowerBound] + edit.bytes
            end = edit.span.upperBound
        }
        return result + bytes[end...]
    }
}
