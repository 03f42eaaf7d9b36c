/// What a node of a tape is. Member names are strings.
public enum JSONKind: UInt8, Sendable, Hashable, CaseIterable {
    case null, `false`, `true`, number, string, array, object
}
