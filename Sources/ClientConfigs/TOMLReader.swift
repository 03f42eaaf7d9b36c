/// TOML 1.0: tables, dotted names, strings of all four kinds, lists, inline tables. Numbers and dates are taken as they are written.
struct TOMLReader {
    let bytes: [UInt8]
    var at: Int
    private var values = 0
    private let root: TOMLTable
    /// The table that lines add to.
    private var current: TOMLTable

    static func read(_ bytes: [UInt8], from start: Int) throws(ConfigProblem) -> ConfigValue {
        var reader = TOMLReader(bytes: bytes, at: start)
        while try reader.skipLines() { try reader.line() }
        return reader.root.value
    }

    private init(bytes: [UInt8], at start: Int) {
        self.bytes = bytes
        at = start
        root = TOMLTable(.header, at: start..<start)
        current = root
    }

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[at...].starts(with: $0) }
    }

    // MARK: Space

    mutating func skipBlanks() { while let byte = next, ASCII.isBlank(byte) { at += 1 } }

    /// False at the end of the file.
    private mutating func skipLines() throws(ConfigProblem) -> Bool {
        while true {
            skipBlanks()
            guard let byte = next else { return false }
            switch byte {
            case 0x0A, 0x0D: try newline()
            case UInt8(ascii: "#"): try comment()
            default: return true
            }
        }
    }

    private mutating func newline() throws(ConfigProblem) {
        if next == 0x0D {
            guard at + 1 < bytes.count, bytes[at + 1] == 0x0A else { throw ConfigProblem(.controlCharacter, at: at) }
            at += 1
        }
        at += 1
    }

    private mutating func comment() throws(ConfigProblem) {
        while let byte = next, byte != 0x0A {
            if byte == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A { return }
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw ConfigProblem(.controlCharacter, at: at) }
            at += 1
        }
    }

    /// Space of a list: blanks, line ends, comments.
    mutating func skipLoosely() throws(ConfigProblem) { _ = try skipLines() }

    mutating func expect(_ byte: UInt8) throws(ConfigProblem) {
        guard let next else { throw ConfigProblem(.unexpectedEnd, at: at) }
        guard next == byte else { throw ConfigProblem(.unexpectedCharacter, at: at) }
        at += 1
    }

    private mutating func endOfLine() throws(ConfigProblem) {
        skipBlanks()
        if next == UInt8(ascii: "#") { try comment() }
        guard let next else { return }
        guard next == 0x0A || next == 0x0D else { throw ConfigProblem(.unexpectedCharacter, at: at) }
        try newline()
    }

    // MARK: Lines

    private mutating func line() throws(ConfigProblem) {
        if next == UInt8(ascii: "[") { try header() } else { try assignment(in: current, depth: 1) }
        try endOfLine()
    }

    private mutating func header() throws(ConfigProblem) {
        let start = at
        let isList = starts(with: "[[")
        at += isList ? 2 : 1
        skipBlanks()
        let names = try key()
        try expect(UInt8(ascii: "]"))
        if isList { try expect(UInt8(ascii: "]")) }
        guard names.count <= ConfigLimits.depth else { throw ConfigProblem(.tooDeep, at: start) }
        var table = root
        for name in names.dropLast() { table = try descend(from: table, by: name, as: .implied) }
        current =
            isList ? try append(names[names.count - 1], to: table, start..<at) : try open(names[names.count - 1], in: table, start..<at)
    }

    /// `[a.b]` of `b` in `a`.
    private func open(_ name: TOMLName, in table: TOMLTable, _ span: Range<Int>) throws(ConfigProblem) -> TOMLTable {
        switch table.node(name) {
        case nil:
            let made = TOMLTable(.header, at: span)
            table.set(name, .table(made))
            return made
        case .table(let known) where known.origin == .implied:
            known.origin = .header
            known.span = span
            return known
        case .table, .value, .tables: throw ConfigProblem(.reopened(name.text), at: name.span.lowerBound)
        }
    }

    private func append(_ name: TOMLName, to table: TOMLTable, _ span: Range<Int>) throws(ConfigProblem) -> TOMLTable {
        let made = TOMLTable(.header, at: span)
        switch table.node(name) {
        case nil: table.set(name, .tables([made]))
        case .tables(let tables): table.set(name, .tables(tables + [made]))
        case .value, .table: throw ConfigProblem(.reopened(name.text), at: name.span.lowerBound)
        }
        return made
    }

    private func descend(from table: TOMLTable, by name: TOMLName, as origin: TOMLTable.Origin) throws(ConfigProblem) -> TOMLTable {
        switch table.node(name) {
        case nil:
            let made = TOMLTable(origin, at: name.span)
            table.set(name, .table(made))
            return made
        // What a header opened is not added to by dotted names from elsewhere.
        case .table(let known) where origin == .implied || known.origin == .dotted: return known
        case .tables(let tables) where origin == .implied: return tables[tables.count - 1]
        case .table, .tables, .value: throw ConfigProblem(.reopened(name.text), at: name.span.lowerBound)
        }
    }

    /// `a.b = value`
    private mutating func assignment(in table: TOMLTable, depth: Int) throws(ConfigProblem) {
        let names = try key()
        guard depth + names.count <= ConfigLimits.depth else { throw ConfigProblem(.tooDeep, at: names[0].start) }
        try expect(UInt8(ascii: "="))
        skipBlanks()
        var table = table
        for name in names.dropLast() { table = try descend(from: table, by: name, as: .dotted) }
        let name = names[names.count - 1]
        guard table.node(name) == nil else { throw ConfigProblem(.duplicate(name.text), at: name.span.lowerBound) }
        table.set(name, .value(try value(depth: depth + names.count)))
    }

    /// Names with dots between, and the blanks behind them.
    private mutating func key() throws(ConfigProblem) -> [TOMLName] {
        let start = at
        var names: [TOMLName] = []
        while true {
            let nameStart = at
            let text = try name()
            names.append(TOMLName(text: text, span: nameStart..<at, start: start))
            skipBlanks()
            guard next == UInt8(ascii: ".") else { return names }
            at += 1
            skipBlanks()
        }
    }

    private mutating func name() throws(ConfigProblem) -> String {
        switch next {
        case nil: throw ConfigProblem(.unexpectedEnd, at: at)
        case UInt8(ascii: "\""): return try basicString()
        case UInt8(ascii: "'"): return try literalString()
        default:
            let start = at
            while let byte = next, ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") {
                at += 1
            }
            guard at > start else { throw ConfigProblem(.keyIsNoText, at: at) }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(ConfigProblem) -> ConfigValue {
        values += 1
        guard values <= ConfigLimits.values else { throw ConfigProblem(.tooManyValues, at: at) }
        guard depth <= ConfigLimits.depth else { throw ConfigProblem(.tooDeep, at: at) }
        let start = at
        switch next {
        case nil: throw ConfigProblem(.unexpectedEnd, at: at)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let text = try string()
            return ConfigValue(.string(text), at: start..<at)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "{"): return try inlineTable(depth: depth)
        default: return ConfigValue(.other(try word()), at: start..<at)
        }
    }

    private mutating func list(depth: Int) throws(ConfigProblem) -> ConfigValue {
        let start = at
        at += 1
        var items: [ConfigValue] = []
        try skipLoosely()
        while next != UInt8(ascii: "]") {
            items.append(try value(depth: depth + 1))
            try skipLoosely()
            if next == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
            try skipLoosely()
        }
        at += 1
        return ConfigValue(.list(items), at: start..<at)
    }

    /// On one line, and nobody adds to it later.
    private mutating func inlineTable(depth: Int) throws(ConfigProblem) -> ConfigValue {
        let start = at
        at += 1
        let table = TOMLTable(.header, at: start..<at)
        skipBlanks()
        while next != UInt8(ascii: "}") {
            try assignment(in: table, depth: depth)
            skipBlanks()
            if next == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
            skipBlanks()
            if next == UInt8(ascii: "}") { throw ConfigProblem(.unexpectedCharacter, at: at) }
        }
        at += 1
        var value = table.value
        value.span = start..<at
        value.isBlock = false
        return value
    }
}
