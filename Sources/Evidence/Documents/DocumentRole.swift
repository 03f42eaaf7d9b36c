/// What receipts name by digest; the raw values are the members that name it.
public enum DocumentRole: String, CaseIterable, Hashable, Sendable {
    case policy, plan, host
}
