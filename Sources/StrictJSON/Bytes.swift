extension [UInt8] {
    /// Appends the bytes of `span` from `start` on.
    @inline(__always)
    mutating func append(contentsOf span: Span<UInt8>, from start: Int) {
        append(contentsOf: span, start, span.count)
    }

    /// Appends the bytes `start ..< end` of `span`; traps when they are out of bounds.
    @inline(__always)
    mutating func append(contentsOf span: Span<UInt8>, _ start: Int, _ end: Int) {
        span.extracting(start..<end).withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
