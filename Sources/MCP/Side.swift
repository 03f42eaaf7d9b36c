/// Who wrote a message.
public enum Side: String, Sendable, Hashable, CaseIterable {
    case client, server
}
