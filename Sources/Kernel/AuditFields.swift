/// The text of a record of the kernel's audit log, as its fields: `audit(SECONDS.MILLISECONDS:SERIAL): name=value name=value…`.
///
/// The kernel writes what others chose (paths, names of programs) in quotes, or, where it holds a space, a quote or anything but printable
/// ASCII, as upper-case hexadecimal digits; so that no value can look like a field. What is not written so is no record.
struct AuditFields {
    enum Value: Hashable {
        case bare([UInt8])
        case quoted([UInt8])
    }

    /// CLOCK_REALTIME, milliseconds.
    let time: UInt64
    private let values: [(name: [UInt8], value: Value)]

    /// More than any record of Landlock has.
    private static let most = 16

    /// `nil` for anything else than such a text, for a name that is there twice, and for too many of them.
    init?(_ text: [UInt8]) {
        var scanner = Scanner(rest: text[...])
        guard let time = scanner.stamp() else { return nil }
        var values: [(name: [UInt8], value: Value)] = []
        while !scanner.rest.isEmpty {
            guard values.count < Self.most, values.isEmpty || scanner.take(" "), let name = scanner.name(), scanner.take("="),
                let value = scanner.value(), !values.contains(where: { $0.name == name })
            else { return nil }
            values.append((name, value))
        }
        self.time = time
        self.values = values
    }

    func has(_ name: StaticString) -> Bool { self[name] != nil }

    /// A value without quotes, in a few characters that the kernel's own words are made of.
    func word(_ name: StaticString) -> String? {
        guard case .bare(let bytes)? = self[name] else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A number without sign, in decimal or in lower-case hexadecimal digits.
    func number(_ name: StaticString, radix: Int = 10) -> UInt64? {
        guard let word = word(name), let first = word.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"),
            !word.utf8.contains(where: { (0x41...0x5A).contains($0) })
        else { return nil }
        return UInt64(word, radix: radix)
    }

    /// What others chose, decoded.
    func bytes(_ name: StaticString) -> [UInt8]? {
        switch self[name] {
        case .quoted(let bytes)?: bytes
        case .bare(let digits)?: Self.decoded(digits)
        case nil: nil
        }
    }

    private subscript(name: StaticString) -> Value? {
        values.first { one in name.withUTF8Buffer { $0.elementsEqual(one.name) } }?.value
    }

    private static func decoded(_ digits: [UInt8]) -> [UInt8]? {
        guard !digits.isEmpty, digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        default: nil
        }
    }
}

/// Takes a record apart from its beginning.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ text: StaticString) -> Bool {
        let isNext = text.withUTF8Buffer { rest.starts(with: $0) }
        if isNext { rest = rest.dropFirst(text.utf8CodeUnitCount) }
        return isNext
    }

    mutating func stamp() -> UInt64? {
        guard take("audit("), let seconds = decimal(), take("."), let part = run(of: { (0x30...0x39).contains($0) }), part.count == 3,
            let milliseconds = Self.number(part), take(":"), decimal() != nil, take("): ")
        else { return nil }
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, overflowsToo) = product.addingReportingOverflow(milliseconds)
        return overflows || overflowsToo ? nil : sum
    }

    private mutating func decimal() -> UInt64? { run { (0x30...0x39).contains($0) }.flatMap { Self.number($0) } }

    mutating func name() -> [UInt8]? { run { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") }.map { Array($0) } }

    mutating func value() -> AuditFields.Value? {
        guard take("\"") else {
            return run { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }.map { .bare(Array($0)) }
        }
        let inside = rest.prefix { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }
        rest = rest.dropFirst(inside.count)
        return take("\"") ? .quoted(Array(inside)) : nil
    }

    /// At least one byte.
    private mutating func run(of isPart: (UInt8) -> Bool) -> ArraySlice<UInt8>? {
        let part = rest.prefix(while: isPart)
        rest = rest.dropFirst(part.count)
        return part.isEmpty ? nil : part
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? { UInt64(String(decoding: digits, as: UTF8.self)) }
}
