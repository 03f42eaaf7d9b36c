extension ReceiptLine {
    /// Reads a line that is spelled as `Receipt.line` spells it, with nothing unusual in its body; nil for any other, which may still be a
    /// receipt.
    package init?(scanning line: UnsafeRawBufferPointer) {
        guard var scan = CanonicalScan(line), scan.take("{\"body\":"), scan.takeObject() else { return nil }
        guard scan.take(",\"custody\":"), let custody = scan.takeCustody() else { return nil }
        var documents = NamedDocuments()
        if scan.take(",\"host\":") {
            guard let host = scan.takeDigest() else { return nil }
            documents.host = host
        }
        guard scan.take(",\"kind\":"), let kind = scan.takeKind() else { return nil }
        guard scan.take(",\"number\":"), let number = scan.takeCount() else { return nil }
        if scan.take(",\"plan\":") {
            guard let plan = scan.takeDigest() else { return nil }
            documents.plan = plan
        }
        if scan.take(",\"policy\":") {
            guard let policy = scan.takeDigest() else { return nil }
            documents.policy = policy
        }
        var place: SessionPlace?
        if scan.take(",\"session\":") {
            guard let found = SessionPlace(&scan) else { return nil }
            place = found
        }
        guard scan.take(",\"time\":"), let time = scan.takePlainString(), Timestamp.isForm(time), scan.take("}"), scan.isAtEnd else {
            return nil
        }
        self.init(number: number, kind: kind, custody: custody, place: place, documents: documents)
    }
}

extension SessionPlace {
    /// From the session's name on.
    fileprivate init?(_ scan: inout CanonicalScan) {
        guard let name = scan.takePlainString(), SessionFacts.isIdentifier(name), scan.take(",\"sessionNumber\":"),
            let number = scan.takeCount(), number > 0
        else { return nil }
        session = String(decoding: name, as: UTF8.self)
        self.number = number
        if scan.take(",\"spoolNumber\":") {
            guard let spoolNumber = scan.takeCount(), spoolNumber > 0 else { return nil }
            self.spoolNumber = spoolNumber
        } else {
            spoolNumber = nil
        }
    }
}

extension CanonicalScan {
    fileprivate mutating func takeCustody() -> Custody? {
        if take("\"daemon\"") { return .daemon }
        return take("\"user\"") ? .user : nil
    }

    /// The two of every call; the rest is left to a slower comparison.
    fileprivate mutating func takeKind() -> ReceiptKind? {
        if take("\"decision\"") { return .decision }
        if take("\"outcome\"") { return .outcome }
        guard let text = takePlainString() else { return nil }
        return ReceiptKind.allCases.first { $0.rawValue.utf8.elementsEqual(text) }
    }

    /// Passes over a string of 64 lower-case hexadecimal digits.
    fileprivate mutating func takeDigest() -> DigestText? {
        guard let text = takeQuoted(2 * Digest.size) else { return nil }
        let bytes = UnsafeRawBufferPointer(text)
        let isDigest = stride(from: 0, to: text.count, by: 8).allSatisfy {
            Self.isHexadecimal(bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
        }
        return isDigest ? DigestText(text) : nil
    }

    /// Eight ASCII digits at once: none below `0`, none above `f`, none between `9` and `a`. A sum shows in a byte's high bit.
    @inline(__always)
    private static func isHexadecimal(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let below = ones &* (0x80 + 0x2F) &- word
        let above = word &+ ones &* (0x7F - 0x66)
        let between = (ones &* (0x7F + 0x61) &- word) & (word &+ ones &* (0x7F - 0x39))
        return (below | above | between) & (ones &* 0x80) == 0
    }
}
