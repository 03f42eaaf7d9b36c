/// Numbers with a unit, as the grammar writes them: `15m`, `512MiB`, `50%`.
enum Quantity {
    static func seconds(_ text: String) -> Int? { number(text, units: [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]) }

    static func bytes(_ text: String) -> Int? {
        number(text, units: [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)])
    }

    static func percent(_ text: String) -> Int? { number(text, units: [("%", 1)]) }

    /// `nil` where it is no such text, is zero, or does not fit.
    private static func number(_ text: String, units: [(name: String, factor: Int)]) -> Int? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0") else { return nil }
        guard let unit = units.first(where: { text.utf8.dropFirst(digits.count).elementsEqual($0.name.utf8) }) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let product = value.multipliedReportingOverflow(by: unit.factor)
        return product.overflow ? nil : product.partialValue
    }
}
