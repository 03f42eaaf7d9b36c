extension Layer.AppliesTo {
    /// Whether a session is meant: by the policy's name and by the account of whoever asked, `nil` where it has no name.
    public func holds(policy: String, user: String?) -> Bool {
        let isPolicy = policies.map { patterns in patterns.contains { $0.matches(policy) } } ?? true
        let isUser = users.map { users in user.map { user in users.contains { $0.utf8.elementsEqual(user.utf8) } } ?? false } ?? true
        return isPolicy && isUser
    }
}

extension ToolPattern {
    /// Whether the whole name matches, byte by byte. Each piece is found as early as possible, so there is no backtracking.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        let pieces = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return name.elementsEqual(text.utf8) }
        guard name.count >= first.count + last.count, name.starts(with: first), name.suffix(last.count).elementsEqual(last) else {
            return false
        }
        var rest = name[first.count..<(name.count - last.count)]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let end = Self.end(of: piece, in: rest) else { return false }
            rest = rest[end...]
        }
        return true
    }

    private static func end(of piece: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard text.count >= piece.count else { return nil }
        return (text.startIndex...(text.endIndex - piece.count)).first { text[$0...].starts(with: piece) }.map { $0 + piece.count }
    }
}
