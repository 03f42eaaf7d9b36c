extension Timestamp {
    /// Bytes of the form.
    static let length = 27

    /// Reads what `text` wrote; nil for another form, and for a day that no month has.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard let found = bytes.withUnsafeBufferPointer({ Timestamp(form: $0) }), found.text.utf8.elementsEqual(bytes) else { return nil }
        self = found
    }

    /// Of a receipt's line, which was judged: its time is its last member.
    init?(ofLine line: UnsafeRawBufferPointer) {
        guard line.count > Self.length + 2 else { return nil }
        let form = UnsafeRawBufferPointer(rebasing: line[(line.count - Self.length - 2)..<(line.count - 2)])
        guard let found = form.withMemoryRebound(to: UInt8.self, { Timestamp(form: $0) }) else { return nil }
        self = found
    }

    private init?(form bytes: UnsafeBufferPointer<UInt8>) {
        guard Self.isForm(bytes) else { return nil }
        func field(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + Int(bytes[$1] - 0x30) } }
        let day = Self.day(year: field(0..<4), month: field(5..<7), day: field(8..<10))
        guard day >= 0 else { return nil }
        let seconds = UInt64(day) * 86_400 + UInt64(field(11..<13) * 3_600 + field(14..<16) * 60 + field(17..<19))
        self.init(microseconds: seconds * 1_000_000 + UInt64(field(20..<26)))
    }

    /// Days since 1970 of a date of the Gregorian calendar, by eras of 400 years that begin in March.
    private static func day(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
