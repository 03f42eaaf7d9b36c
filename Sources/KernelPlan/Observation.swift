/// What a live probe saw of one mechanism. Never read from a configuration or a version.
public enum Observation: Sendable, Hashable {
    /// The forbidden act was refused, and the permitted one went through.
    case works
    /// Why it cannot be relied on: an errno name with the step (`load: EPERM`), or what was seen instead.
    case absent(String)

    public var isUsable: Bool { self == .works }

    /// `works`, or `absent (WHY)`.
    public var text: String {
        switch self {
        case .works: "works"
        case .absent(let why): "absent (\(why))"
        }
    }
}
