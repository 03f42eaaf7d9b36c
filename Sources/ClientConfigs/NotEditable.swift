/// Why an entry is left to whoever wrote it. Nothing was changed.
public enum NotEditable: Error, Sendable, Hashable {
    /// It is not laid out as an edit needs it: something stands between, or on the line before, the words that would be moved.
    case layout(offset: Int)
    /// The edit would say something else than it should, or change another entry.
    case otherMeaning
    /// Unwrapping would not give the same bytes.
    case notReversible
    /// It does not start a program.
    case noProgram
    /// Of `unwrap`: no command stands behind `--`.
    case noCommand
}
