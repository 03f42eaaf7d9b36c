/// Lengths of time for people: three digits are enough.
enum Duration {
    static func words(microseconds: UInt64) -> String {
        switch microseconds {
        case ..<1_000: "\(microseconds) µs"
        case ..<1_000_000: "\(decimal(microseconds, unit: 1_000)) ms"
        case ..<60_000_000: "\(decimal(microseconds, unit: 1_000_000)) s"
        case ..<3_600_000_000: "\(microseconds / 60_000_000) min" + rest(microseconds / 1_000_000 % 60, "s")
        case ..<86_400_000_000: "\(microseconds / 3_600_000_000) h" + rest(microseconds / 60_000_000 % 60, "min")
        case _: "\(microseconds / 86_400_000_000) d" + rest(microseconds / 3_600_000_000 % 24, "h")
        }
    }

    static func words(seconds: Int) -> String { words(microseconds: UInt64(clamping: seconds) * 1_000_000) }

    private static func rest(_ value: UInt64, _ unit: String) -> String { value == 0 ? "" : " \(value) \(unit)" }

    /// One digit behind the point below a hundred.
    private static func decimal(_ value: UInt64, unit: UInt64) -> String {
        let tenths = value * 10 / unit
        return tenths >= 1_000 || tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
