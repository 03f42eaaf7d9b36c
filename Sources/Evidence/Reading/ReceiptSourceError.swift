public import Descriptors

/// Why receipts cannot be read.
public enum ReceiptSourceError: Error, Hashable, Sendable {
    case system(Errno)
    /// A file, and no bundle.
    case notBundle
    /// A line has no end within the room that lines have; `file` is relative to the log's directory, or the bundle.
    case lineTooLong(file: String, line: Int)
}
