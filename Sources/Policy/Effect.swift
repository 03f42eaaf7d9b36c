/// What a rule asks for. `Decision` is what the gate does; the two never share a word.
public enum Effect: String, Sendable, Hashable, CaseIterable {
    case allow, ask, deny
}
