/// Pulls the lines of a log or bundle one after another, with one buffer. At the log's end it stays there: asked again, it goes on with what
/// was appended meanwhile.
public struct ReceiptReader: ~Copyable {
    // One of the two.
    private var log: LogReader?
    private var bundle: BundleReader?

    init(_ log: consuming LogReader) {
        self.log = consume log
    }

    init(_ bundle: consuming BundleReader) {
        self.bundle = consume bundle
    }

    /// The next whole line; nil where there is none yet.
    public mutating func next() throws(ReceiptSourceError) -> StoredReceipt? {
        if let line = try log?.next() { return StoredReceipt(line: line) }
        if let line = try bundle?.next() { return StoredReceipt(line: line) }
        return nil
    }
}
