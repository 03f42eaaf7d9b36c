import StrictJSON

extension CodePages {
    /// What `explain R203` does. Standard output has the page; a code that there is none of is a mistake in the command line.
    static func explain(_ code: String, isJSON: Bool, _ console: Console) -> ExitStatus {
        guard let page = page(code) else {
            console.warn(unknown(code, console.errorStyle))
            return .usage
        }
        console.write(
            isJSON ? page.json.encoded() + [UInt8(ascii: "\n")] : Array(page.text(console.outputStyle, width: console.columns ?? 80).utf8))
        return .success
    }

    /// What was perhaps meant, and all that there are.
    static func unknown(_ code: String, _ style: Style) -> String {
        let near = Nearness.nearest(to: code, among: all.map(\.code)).map { "did you mean `\($0)`?" }
        let rows = all.map { "  \($0.code)  \($0.title)\n" }.joined()
        return ProblemText.text(("there is no reason code \(Escaping.quoted(code))", near), style) + "\nThe codes are:\n" + rows
    }
}
