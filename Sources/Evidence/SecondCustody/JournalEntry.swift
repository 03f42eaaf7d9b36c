/// A message in the native protocol of systemd's journal (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): fields, one after another. Names are upper case
/// ASCII, digits and `_`; values any bytes.
public struct JournalEntry: Hashable, Sendable {
    /// Where every journal listens.
    public static let socket = "/run/systemd/journal/socket"

    public private(set) var bytes: [UInt8] = []

    public init(_ fields: KeyValuePairs<String, String> = [:]) {
        for (name, value) in fields { add(name, Array(value.utf8)) }
    }

    /// A value with a line feed is preceded by its length, 64 bits, little-endian.
    public mutating func add(_ name: String, _ value: [UInt8]) {
        bytes += name.utf8
        if value.contains(0x0A) {
            bytes.append(0x0A)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.count >> (8 * $0)) }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value
        bytes.append(0x0A)
    }
}
