/// A table of TOML while it is read: what headers and dotted names put into it comes from several places.
final class TOMLTable {
    enum Node {
        case value(ConfigValue)
        case table(TOMLTable)
        /// `[[name]]`
        case tables([TOMLTable])
    }

    /// How a table came to be; decides who may still add to it.
    enum Origin {
        /// By a longer header, or a dotted name.
        case implied
        case header
        case dotted
    }

    struct Member {
        let name: TOMLName
        var node: Node
    }

    private(set) var members: [Member] = []
    private var places: [[UInt8]: Int] = [:]
    var origin: Origin
    /// Of its header or first name.
    var span: Range<Int>

    init(_ origin: Origin, at span: Range<Int>) {
        self.origin = origin
        self.span = span
    }

    func node(_ name: TOMLName) -> Node? { places[Array(name.text.utf8)].map { members[$0].node } }

    func set(_ name: TOMLName, _ node: Node) {
        let key = Array(name.text.utf8)
        if let place = places[key] {
            members[place].node = node
        } else {
            places[key] = members.count
            members.append(Member(name: name, node: node))
        }
    }

    var value: ConfigValue {
        let members = members.map { member in
            ConfigMember(key: member.name.text, keySpan: member.name.span, keyStart: member.name.start, value: Self.value(member.node))
        }
        return ConfigValue(.table(members), at: span, isBlock: true)
    }

    private static func value(_ node: Node) -> ConfigValue {
        switch node {
        case .value(let value): value
        case .table(let table): table.value
        case .tables(let tables):
            ConfigValue(.list(tables.map(\.value)), at: tables[0].span, isBlock: true)
        }
    }
}

/// One of the names of a key, `b` of `a.b`.
struct TOMLName {
    let text: String
    let span: Range<Int>
    /// Where the whole key begins.
    let start: Int
}
