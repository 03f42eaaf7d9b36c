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

extension SpoolFault {
    /// What a receipt says of it.
    public var text: String {
        switch self {
        case .corrupt(let offset): "no whole frame at byte \(offset)"
        case .gap(let offset, let expected, let found): "number \(found) instead of \(expected) at byte \(offset)"
        case .foreignKind(let offset, let code): "a kind that no gate states, \(code), at byte \(offset)"
        case .body(let offset, let number): "number \(number) is no canonical JSON object, at byte \(offset)"
        case .tooLarge(let offset, let count): "\(count) bytes are too many for one receipt, at byte \(offset)"
        }
    }
}
