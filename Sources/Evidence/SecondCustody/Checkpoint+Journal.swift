/// A checkpoint as it is told to those who keep it a second time.
extension Checkpoint {
    private static let program = "sandboxd"

    /// For people: what it says, on one line.
    private var summary: String { "checkpoint of \(origin): \(size) receipts, root \(root.hex)" }

    /// Its note, whole, is `SANDBOXD_CHECKPOINT`: `journalctl -t sandboxd -o cat --output-fields=SANDBOXD_CHECKPOINT` prints what `receipts verify
    /// --checkpoint` takes.
    public var journalEntry: JournalEntry {
        JournalEntry([
            "MESSAGE": summary, "PRIORITY": "6", "SYSLOG_IDENTIFIER": Self.program, "SANDBOXD_LOG": origin, "SANDBOXD_SIZE": "\(size)",
            "SANDBOXD_ROOT": root.hex, "SANDBOXD_CHECKPOINT": text,
        ])
    }

    /// For syslog(3), facility `authpriv`, level `info`; the note is the base64 at the end, since a message has one line.
    public func syslogMessage(process: Int32) -> [UInt8] {
        Array("<86>\(Self.program)[\(process)]: \(summary), note \(Base64.encode(Array(text.utf8)))".utf8)
    }
}
