import Policy
import StrictJSON

/// A `Condition`, compiled once. It is judged in place on the tape, without allocating where nothing is escaped, and bounded in work.
struct CompiledCondition: Sendable {
    indirect enum Node: Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        case argument(ArgumentPlace, [ConditionTest])
    }

    let root: Node
    /// What it comes to when there are no arguments.
    let truthOfNothing: Truth
    private let condition: Condition

    /// `cwd`: what relative paths are joined to; absolute.
    init(_ condition: Condition, cwd: String?) throws(ConditionProblem) {
        self.condition = condition
        root = try ConditionCompiler(cwd: cwd).compile(condition, depth: 0)
        var tape = JSONTape(seed: 0)
        let isParsed = (try? tape.parse(Array("{}".utf8))) != nil
        var evaluation = ConditionEvaluation()
        truthOfNothing = isParsed ? evaluation.evaluate(root, .root, tape) : .unknown
    }

    func evaluate(_ arguments: JSONNode, in tape: borrowing JSONTape) -> Truth {
        var evaluation = ConditionEvaluation()
        return evaluation.evaluate(root, arguments, tape)
    }

    /// Appends what each operator comes to, in file order.
    func account(_ arguments: JSONNode?, _ tape: borrowing JSONTape, _ parts: inout [RuleAccount.Part]) {
        if let arguments { return Self.account(root, condition, arguments, tape, &parts) }
        var nothing = JSONTape(seed: 0)
        guard (try? nothing.parse(Array("{}".utf8))) != nil else { return }
        Self.account(root, condition, .root, nothing, &parts)
    }

    private static func account(
        _ node: Node, _ condition: Condition, _ arguments: JSONNode, _ tape: borrowing JSONTape, _ parts: inout [RuleAccount.Part]
    ) {
        switch (node, condition) {
        case (.all(let nodes), .all(let conditions)), (.any(let nodes), .any(let conditions)):
            for (node, condition) in zip(nodes, conditions) { account(node, condition, arguments, tape, &parts) }
        case (.not(let node), .not(let condition)): account(node, condition, arguments, tape, &parts)
        case (.argument(let place, let tests), .argument(let pointer, let operators)):
            for (test, `operator`) in zip(tests, operators) {
                var evaluation = ConditionEvaluation()
                let truth = evaluation.evaluate(test, at: place.find(from: arguments, tape), tape)
                parts.append(RuleAccount.Part(argument: pointer, operator: `operator`, truth: truth))
            }
        case (.all, _), (.any, _), (.not, _), (.argument, _): break
        }
    }
}

/// What is asked of one value.
indirect enum ConditionTest: Sendable {
    case equals(SchemaValue)
    case isIn(ConditionValues)
    case number(NumberBound)
    case startsWith([UInt8])
    case endsWith([UInt8])
    /// `text`: the same, to be found in a string, where it is one.
    case contains(SchemaValue, text: TextSearch?)
    case matches(RegularExpression)
    case exists(Bool)
    case inside(LexicalPaths)
    case hostIn(HostList)
    case each([ConditionTest])
}

/// One end of what a number may be.
struct NumberBound: Sendable {
    enum Side: Sendable { case below, atMost, above, atLeast }

    let side: Side
    let number: ExactNumber

    func accepts(_ value: JSONDecimal) -> Bool {
        switch side {
        case .below: value < number.decimal
        case .atMost: !(number.decimal < value)
        case .above: number.decimal < value
        case .atLeast: !(value < number.decimal)
        }
    }
}

/// The values of an `in`: strings are found by halving, since lists of many are lists of strings.
struct ConditionValues: Sendable {
    private let strings: [[UInt8]]
    let others: [SchemaValue]

    init(_ values: [SchemaValue]) {
        var strings: [[UInt8]] = [], others: [SchemaValue] = []
        for value in values {
            if case .string(let bytes) = value { strings.append(bytes) } else { others.append(value) }
        }
        self.strings = strings.sorted { $0.lexicographicallyPrecedes($1) }
        self.others = others
    }

    func contains(_ text: Span<UInt8>) -> Bool {
        var low = 0, high = strings.count
        while low < high {
            let middle = (low + high) / 2
            switch Self.order(strings[middle], text) {
            case 0: return true
            case ..<0: low = middle + 1
            default: high = middle
            }
        }
        return false
    }

    private static func order(_ left: [UInt8], _ right: Span<UInt8>) -> Int {
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
        return left.count - right.count
    }
}
