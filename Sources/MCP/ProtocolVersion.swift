/// The versions of MCP that are known here, in their order. Nothing is permitted in another.
public enum ProtocolVersion: String, Sendable, Hashable, CaseIterable, Comparable {
    case november2024 = "2024-11-05"
    /// The only one with batches.
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    /// Nil when it is none of them; compared by bytes.
    public init?(_ bytes: [UInt8]) {
        guard let version = Self.allCases.first(where: { bytes.elementsEqual($0.rawValue.utf8) }) else { return nil }
        self = version
    }

    public var era: Era { self < .july2026 ? .legacy : .modern }

    public static func < (left: Self, right: Self) -> Bool { left.place < right.place }

    private var place: Int {
        switch self {
        case .november2024: 0
        case .march2025: 1
        case .june2025: 2
        case .november2025: 3
        case .july2026: 4
        }
    }
}
