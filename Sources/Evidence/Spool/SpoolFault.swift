/// What is wrong with a spool. Each is a violation by its writer, or damage of the disk.
public enum SpoolFault: Error, Hashable, Sendable {
    /// Bytes that are no frame, or a frame whose checksum does not hold.
    case corrupt(offset: Int)
    /// A frame is missing, or one came twice.
    case gap(offset: Int, expected: UInt64, found: UInt64)
    /// A kind that a gate does not state.
    case foreignKind(offset: Int, code: UInt32)
    /// A body that is no JSON object, or has no canonical form.
    case body(offset: Int, number: UInt64)
    /// A body beyond the limit.
    case tooLarge(offset: Int, count: Int)
}
