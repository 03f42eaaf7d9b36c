/// Paragraphs on lines of bounded width.
enum TextWrapping {
    /// Breaks at spaces; a word that is longer than a line stands alone on one. Ends in a line's end.
    static func wrapped(_ text: String, width: Int, first: String, rest: String) -> String {
        var lines: [String] = []
        var line = first
        var isFresh = true
        for word in text.split(separator: " ") {
            if !isFresh, line.unicodeScalars.count + 1 + word.unicodeScalars.count > width {
                lines.append(line)
                line = rest
                isFresh = true
            }
            line += (isFresh ? "" : " ") + word
            isFresh = false
        }
        return (lines + [line]).map { $0 + "\n" }.joined()
    }
}
