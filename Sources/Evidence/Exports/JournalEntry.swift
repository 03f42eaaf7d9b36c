/// One entry of a journal: fields in the order in which they were added.
public struct JournalEntry: Sendable {
    /// From syslog(3).
    public enum Priority: Int, Sendable {
        case error = 3
        case warning, notice, information
    }

    /// One message to the journal's socket (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
    public private(set) var bytes: [UInt8] = []

    public init(_ kind: ReceiptKind, _ priority: Priority, message: String) {
        self.init(id: kind.messageID, priority, message: message)
    }

    public init(id: String, _ priority: Priority, message: String) {
        add(JournalFields.message, message)
        add(JournalFields.priority, String(priority.rawValue))
        add(JournalFields.identifier, JournalFields.program)
        add(JournalFields.messageID, id)
    }

    /// Precondition: the name is one of `JournalFields`.
    public mutating func add(_ name: String, _ value: String) {
        bytes += name.utf8
        if value.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 }) {
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
        } else {
            // The binary form: a line feed, how many bytes follow (64 bits, the lowest first), and these. A value can then not begin a field.
            bytes.append(0x0A)
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
            bytes += value.utf8
        }
        bytes.append(0x0A)
    }

    /// In the journal export format (https://systemd.io/JOURNAL_EXPORT_FORMATS), as of a moment: what `systemd-journal-remote` reads.
    public func exported(at moment: Moment) -> [UInt8] {
        let microseconds = moment.seconds * 1_000_000 + moment.nanoseconds / 1_000
        return Array("\(JournalFields.realtime)=\(microseconds)\n".utf8) + bytes + [0x0A]
    }
}
