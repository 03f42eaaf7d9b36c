import Policy

/// One node of a document, with its place. What was refused while reading stays as a node without content, so that reading goes on
/// and nothing is reported twice.
struct YAMLNode: Sendable, Equatable {
    indirect enum Content: Sendable, Equatable {
        case scalar(YAMLScalar)
        case list([YAMLNode])
        case mapping([YAMLEntry])
        case refused
    }

    var content: Content
    var location: SourceLocation
    /// The position in its list, in the document where it was written.
    var ordinal = 0
}

/// A key and what it stands for.
struct YAMLEntry: Sendable {
    var key: String
    var keyLocation: SourceLocation
    var value: YAMLNode
}

/// A scalar before anybody asked for its type.
struct YAMLScalar: Sendable {
    /// As written, escapes resolved.
    var written: String
    /// With variables expanded; the same as `written` where there are none.
    var text: String
    /// Written without quotes, so that the core schema may read it as a number, a Boolean or nothing.
    var isPlain: Bool

    init(_ text: String, isPlain: Bool) {
        self.written = text
        self.text = text
        self.isPlain = isPlain
    }
}

extension YAMLNode {
    var scalar: YAMLScalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    var text: String? { scalar?.text }

    var items: [YAMLNode] {
        if case .list(let items) = content { items } else { [] }
    }

    var entries: [YAMLEntry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The value of `key` in a mapping, compared by bytes.
    subscript(key: String) -> YAMLNode? { entries.first { $0.key.utf8.elementsEqual(key.utf8) }?.value }

    /// What a message calls it, after an article.
    var kindName: String {
        switch content {
        case .scalar(let scalar): scalar.kindName
        case .list: "list"
        case .mapping: "mapping"
        case .refused: "refused value"
        }
    }

    /// The value as a fact: a scalar's text, or what kind of node it is.
    var shown: String { text ?? "a \(kindName)" }
}

extension YAMLEntry: Equatable {
    static func == (left: YAMLEntry, right: YAMLEntry) -> Bool {
        left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
    }
}

extension YAMLScalar: Equatable {
    /// By bytes: Swift's strings are equal when they are Unicode-equivalent.
    static func == (left: YAMLScalar, right: YAMLScalar) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.written.utf8.elementsEqual(right.written.utf8)
            && left.isPlain == right.isPlain
    }
}
