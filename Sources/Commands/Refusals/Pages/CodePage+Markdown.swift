/// A page as Markdown, for readers of SARIF.
extension CodePage {
    var markdown: String {
        var parts = ["# \(code): \(title)", meaning]
        if let example = example?.block(code) { parts.append("## Example\n\n```text\n\(example)```") }
        parts += ["## Why it cannot be otherwise", why, "## Ways out", waysOut.map { "* \($0)" }.joined(separator: "\n")]
        if let needs { parts += ["## What would make it expressible", needs] }
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension PageExample {
    /// What is written and what is answered, one below the other.
    fileprivate func block(_ code: String) -> String {
        let text =
            switch cause {
            case .policy(let text, let includes, _):
                includes.sorted { $0.key < $1.key }.map { "# \($0.key).yaml\n\($0.value)\n" }.joined() + text + "\n" + refusal(code)
            case .command(let line, _): "$ \(line)\n" + refusal(code)
            case .message(let line, let answer): "\(line)\n\n\(answer)\n"
            }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { Escaping.line(String($0)) }.joined(separator: "\n")
    }
}
