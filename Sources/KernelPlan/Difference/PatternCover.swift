public import Policy

extension ToolPattern {
    /// Whether every name that `other` matches is matched by this pattern.
    ///
    /// The text of `other` is matched as a name in which `*` is a letter of its own. No other pattern holds that letter but as its
    /// own `*`, so that what matches it matches whatever `other` puts in its place; and where several patterns together cover
    /// `other`, one of them matches that name, and so covers it alone.
    public func covers(_ other: ToolPattern) -> Bool {
        Self.matches(Array(text.utf8)[...], Array(other.text.utf8)[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var (at, in_) = (pattern.startIndex, name.startIndex)
        var star: Int?
        var resume = name.startIndex
        while in_ < name.endIndex {
            if at < pattern.endIndex, pattern[at] == UInt8(ascii: "*") {
                (star, resume) = (at, in_)
                at += 1
            } else if at < pattern.endIndex, pattern[at] == name[in_] {
                (at, in_) = (at + 1, in_ + 1)
            } else if let last = star {
                (resume, at) = (resume + 1, last + 1)
                in_ = resume
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
