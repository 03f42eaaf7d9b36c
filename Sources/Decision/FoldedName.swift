/// A member's name as a lax reader might take it: some compare names without regard to case (Go's encoding/json folds `ſ` and
/// the Kelvin sign too), some stop at U+0000. Two names that fold alike and differ are one member to such a server.
struct FoldedName: Sendable, Hashable {
    private let bytes: [UInt8]

    init(_ name: [UInt8]) {
        let name = name.prefix { $0 != 0 }
        bytes = name.allSatisfy { $0 < 0x80 } ? name.map(Self.lowercased) : Self.fold(name)
    }

    init(_ name: Span<UInt8>) { self.init(Self.array(name)) }

    /// Whether `name` folds to this.
    func isFold(of name: Span<UInt8>) -> Bool { Self.isFold(name, of: bytes.span) }

    /// Whether `name` folds to the text of a folded name.
    static func isFold(_ name: Span<UInt8>, of folded: Span<UInt8>) -> Bool {
        var at = 0
        while at < name.count, name[at] != 0 {
            guard name[at] < 0x80 else { return FoldedName(name).bytes == array(folded) }
            guard at < folded.count, folded[at] == lowercased(name[at]) else { return false }
            at += 1
        }
        return at == folded.count
    }

    static func isSame(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// Whether what is folded of a name is ASCII.
    static func isFoldedByByte(_ name: Span<UInt8>) -> Bool {
        var at = 0
        while at < name.count, name[at] != 0 {
            guard name[at] < 0x80 else { return false }
            at += 1
        }
        return true
    }

    private static func array(_ name: Span<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: name.count) { buffer, count in
            for index in name.indices { buffer.initializeElement(at: index, to: name[index]) }
            count = name.count
        }
    }

    /// What such readers would take the name for.
    var text: [UInt8] { bytes }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func fold(_ name: ArraySlice<UInt8>) -> [UInt8] {
        let scalars = String(decoding: name, as: UTF8.self).unicodeScalars
        return scalars.flatMap { scalar in
            scalar.properties.uppercaseMapping.unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.utf8) }
        }
    }
}
