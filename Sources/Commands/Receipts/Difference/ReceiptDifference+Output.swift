import StrictJSON

extension ReceiptDifference {
    func text(_ style: Style) -> String {
        guard !regressions.isEmpty || !others.isEmpty else { return "nothing that is compared is otherwise\n" }
        let count = regressions.count
        let head =
            count == 0
            ? style(.good, "no regression:") + " \(others.count) other change\(others.count == 1 ? "" : "s")"
            : style(.error, "\(count) regression\(count == 1 ? "" : "s"):") + (others.isEmpty ? "" : " and \(others.count) other changes")
        return
            ([head] + regressions.map { "  " + style(.error, $0.code.rawValue) + $0.words }
            + others.map { "  \($0.code.rawValue)\($0.words)" })
            .map { $0 + "\n" }.joined()
    }

    var json: JSON {
        ["regressions": .array(regressions.map(\.json)), "changes": .array(others.map(\.json))]
    }
}

extension ReceiptDifference.Change {
    fileprivate var words: String {
        let name = subject.words.isEmpty ? "" : " " + subject.words
        return switch (before, after) {
        case (let before?, let after?): "\(name): \(before) before, now \(after)"
        case (nil, let after?): "\(name): \(after)"
        case (let before?, nil): "\(name): \(before) before"
        case (nil, nil): name
        }
    }

    fileprivate var json: JSON {
        [
            "code": .string(code.rawValue), "server": .string(subject.server), "what": .array(subject.what.map { .string($0) }),
            "before": before.map { .string($0) } ?? .null, "after": after.map { .string($0) } ?? .null,
        ]
    }
}
