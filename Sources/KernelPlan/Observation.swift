/// What a live probe saw of one mechanism. Never read from a configuration or a version.
public enum Observation: Sendable, Hashable {
    /// The forbidden act was refused, and the permitted one went through.
    case works
    /// Why it cannot be relied on: an errno name with the step (`load: EPERM`), or what was seen instead.
    case absent(String)
    /// It works, and programs of others run in the same chain: their names, as the kernel knows them.
    case shared(with: String)

    public var isUsable: Bool { self == .works }

    /// `works`, `absent (WHY)` or `shared with (PROGRAMS)`.
    public var text: String {
        switch self {
        case .works: "works"
        case .absent(let why): "absent (\(why))"
        case .shared(let programs): "shared with (\(programs))"
        }
    }

    /// Reads what `text` wrote.
    public init?(text: String) {
        if text.utf8.elementsEqual("works".utf8) {
            self = .works
        } else if let why = Self.inner(of: text, behind: "absent (") {
            self = .absent(why)
        } else if let programs = Self.inner(of: text, behind: "shared with (") {
            self = .shared(with: programs)
        } else {
            return nil
        }
    }

    private static func inner(of text: String, behind opening: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.starts(with: opening.utf8), bytes.count > opening.utf8.count, bytes.last == UInt8(ascii: ")") else { return nil }
        return String(decoding: bytes[opening.utf8.count..<(bytes.count - 1)], as: UTF8.self)
    }
}
