/// A value of a client's configuration, and the bytes that it stands on.
public struct ConfigValue: Sendable {
    public indirect enum Content: Sendable {
        case string(String)
        /// A number, a Boolean, a date or nothing, as it is written.
        case other(String)
        case list([ConfigValue])
        case table([ConfigMember])
    }

    public var content: Content
    /// Offsets in the file. Of a table of TOML that lies in several places, its header.
    public var span: Range<Int>
    /// A list or table that lines lay out rather than brackets: of YAML's block style, or under a header of TOML.
    public var isBlock: Bool

    init(_ content: Content, at span: Range<Int>, isBlock: Bool = false) {
        self.content = content
        self.span = span
        self.isBlock = isBlock
    }
}

/// A name in a table, and what it stands for.
public struct ConfigMember: Sendable {
    public var key: String
    /// Of the name itself.
    public var keySpan: Range<Int>
    /// Where the key begins on its line: before `keySpan` where it is one of several names with dots between (TOML).
    public var keyStart: Int
    public var value: ConfigValue
}

extension ConfigValue {
    public var string: String? { if case .string(let text) = content { text } else { nil } }

    public var items: [ConfigValue]? { if case .list(let items) = content { items } else { nil } }

    public var members: [ConfigMember]? { if case .table(let members) = content { members } else { nil } }

    /// `null` and what other formats have for it.
    public var isNothing: Bool { if case .other(let text) = content { ["", "~", "null", "Null", "NULL"].contains(text) } else { false } }

    /// What a message calls it, with an article.
    public var kindName: String {
        switch content {
        case .string: "a text"
        case .other: isNothing ? "nothing" : "a number or the like"
        case .list: "a list"
        case .table: "a table"
        }
    }

    /// The member of a table, compared by bytes.
    public func member(_ key: String) -> ConfigMember? { members?.first { $0.key.utf8.elementsEqual(key.utf8) } }

    public subscript(key: String) -> ConfigValue? { member(key)?.value }

    /// What lies at the end of these names.
    public func value(at path: [String]) -> ConfigValue? {
        path.reduce(Optional(self)) { value, key in value?[key] }
    }

    /// Whether it says the same, wherever it stands and in whatever order tables name their members.
    public func isSame(as other: ConfigValue) -> Bool {
        switch (content, other.content) {
        case (.string(let left), .string(let right)), (.other(let left), .other(let right)): left.utf8.elementsEqual(right.utf8)
        case (.list(let left), .list(let right)): left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.table(let left), .table(let right)): Self.areSame(left, right)
        case (.string, _), (.other, _), (.list, _), (.table, _): false
        }
    }

    private static func areSame(_ left: [ConfigMember], _ right: [ConfigMember]) -> Bool {
        guard left.count == right.count else { return false }
        let values = Dictionary(right.map { (Array($0.key.utf8), $0.value) }, uniquingKeysWith: { first, _ in first })
        return left.allSatisfy { member in values[Array(member.key.utf8)]?.isSame(as: member.value) ?? false }
    }

    /// With another value at the end of these names; where there is none there, as it is.
    func replacing(_ path: ArraySlice<String>, with value: ConfigValue) -> ConfigValue {
        guard let key = path.first else { return value }
        guard var members, let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) else { return self }
        members[index].value = members[index].value.replacing(path.dropFirst(), with: value)
        return ConfigValue(.table(members), at: span, isBlock: isBlock)
    }
}
