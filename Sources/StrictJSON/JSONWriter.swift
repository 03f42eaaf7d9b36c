/// Writes one compact object member by member into bytes, without building a tree.
public struct JSONWriter {
    public private(set) var bytes: [UInt8]
    private var isFirst = true

    /// Begins an object behind `bytes`.
    public init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
        self.bytes.append(UInt8(ascii: "{"))
    }

    /// Ends the object and returns all bytes.
    public consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// `name` needs no escapes.
    public mutating func member(_ name: StaticString, _ text: String) {
        begin(name)
        StringEscaping.append(text, to: &bytes)
    }

    /// A string of decoded bytes, which are valid UTF-8.
    public mutating func member(_ name: StaticString, utf8 text: some Sequence<UInt8>) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        for byte in text { StringEscaping.append(byte, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func member(_ name: StaticString, _ word: StaticString) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        append(word)
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func member(_ name: StaticString, _ number: Int64) {
        begin(name)
        Self.append(number, to: &bytes)
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        begin(name)
        append(value ? "true" : "false")
    }

    /// `json` is one compact value.
    public mutating func member(_ name: StaticString, json: [UInt8]) {
        begin(name)
        bytes.append(contentsOf: json)
    }

    /// A value that `body` appends.
    public mutating func member(_ name: StaticString, _ body: (inout [UInt8]) -> Void) {
        begin(name)
        body(&bytes)
    }

    /// The comma, the name and the colon, in one piece.
    private mutating func begin(_ name: StaticString) {
        let count = name.utf8CodeUnitCount
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + 4) { room in
            room.initialize(repeating: UInt8(ascii: "\""))
            room[0] = UInt8(ascii: ",")
            name.withUTF8Buffer { _ = room[2...].update(fromContentsOf: $0) }
            room[count + 3] = UInt8(ascii: ":")
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: room[(isFirst ? 1 : 0)...]))
        }
        isFirst = false
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends a number in decimal.
    public static func append(_ number: Int64, to output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { room in
            room.initialize(repeating: UInt8(ascii: "0"))
            var at = room.count
            var rest = number.magnitude
            repeat {
                at -= 1
                room[at] += UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            output.append(contentsOf: UnsafeBufferPointer(rebasing: room[at...]))
        }
    }
}

extension JSON {
    /// Appends decoded bytes, which are valid UTF-8, as a JSON string.
    public static func append(string bytes: [UInt8], to output: inout [UInt8]) {
        StringEscaping.append(bytes.span, to: &output)
    }
}
