/// A checkpoint as it is told to those who keep it a second time.
extension Checkpoint {
    /// For people: what it says, on one line.
    private var summary: String { "checkpoint of \(origin): \(size) receipts, root \(Base64.encode(root.bytes))" }

    /// With its note, whole: `journalctl -t sandboxd -o cat --output-fields=SANDBOXD_CHECKPOINT` prints what `receipts verify --checkpoint` takes.
    public var journalEntry: JournalEntry {
        var entry = JournalEntry(id: JournalFields.checkpointID, .information, message: summary)
        entry.add(JournalFields.log, origin)
        entry.add(JournalFields.size, "\(size)")
        entry.add(JournalFields.root, Base64.encode(root.bytes))
        entry.add(JournalFields.checkpoint, text)
        return entry
    }

    /// For syslog(3), facility `authpriv`, level `info`; the note is the base64 at the end, since a message has one line.
    public func syslogMessage(process: Int32) -> [UInt8] {
        Array("<86>\(JournalFields.program)[\(process)]: \(summary), note \(Base64.encode(Array(text.utf8)))".utf8)
    }
}
