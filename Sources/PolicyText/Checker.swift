import Policy
import StrictJSON

/// Holds a document against the grammar and collects every reason against it.
struct Checker {
    enum Stage: Sendable {
        /// Before variables have values: texts with variables are not judged yet.
        case written
        /// All texts are what they will be.
        case expanded
    }

    /// So that an absurd document does not take absurdly long.
    private static let mostSuggestions = 64

    let stage: Stage
    private let isOfLayer: Bool
    private(set) var reasons: [Reason] = []
    /// The size of the patterns of all schemas so far.
    private var patternSize = 0

    /// What the patterns of one document may be large together: some 300 ms of compiling.
    private static let largestPatterns = 150_000

    /// R120: what is well said and not enforced yet. Kept apart, since it is no fault of the text.
    private(set) var notEnforced: [Reason] = []

    private init(_ stage: Stage, isOfLayer: Bool) {
        self.stage = stage
        self.isOfLayer = isOfLayer
    }

    /// Holds a whole document against its grammar.
    static func check(_ root: YAMLNode, as kind: DocumentKind, at stage: Stage) -> Checker {
        var checker = Checker(stage, isOfLayer: kind == .layer)
        checker.check(root, kind.grammar, "")
        return checker
    }

    mutating func check(_ node: YAMLNode, _ shape: Shape, _ place: String, expecting: String? = nil) {
        if case .refused = node.content { return }
        guard shape.takes(node) else { return noteWrongType(node, shape, place) }
        switch shape {
        case .text(let rule): checkText(node, rule, place)
        case .words(let words): checkWord(node, words, place, expecting ?? shape.expectation)
        case .flag(let enforced): checkFlag(node, enforced, place)
        case .integer(let range): checkInteger(node, range, place, shape.expectation)
        case .number: checkJSON(node, place)
        case .amount: checkAmount(node, place)
        case .nothing: break
        case .call: checkCall(node, place)
        case .json: checkJSON(node, place)
        case .list(let item): checkList(node, item, place)
        case .record(let fields): checkRecord(node, fields, place)
        case .table(let names, let values): checkTable(node, names, values, place)
        case .schema: checkSchema(node, place)
        case .part(let part):
            check(node, part.shape, place)
            checkTogether(node, part, place)
        case .either: check(node, shape.alternative(for: node), place, expecting: shape.expectation)
        case .notYet(let inner):
            note(.notEnforcedYet, at: node.location, place, Self.value(node))
            check(node, inner, place, expecting: expecting)
        }
    }

    // MARK: Scalars

    private mutating func checkText(_ node: YAMLNode, _ rule: TextRule, _ place: String) {
        guard let scalar = node.scalar else { return }
        guard rule.takesEverything || !scalar.isPlain || scalar.isText else { return noteWrongType(node, .text(rule), place) }
        if stage == .written, VariableReference.contains(scalar.text) { return }
        if let fault = rule.fault(in: scalar) { note(fault.code, at: node.location, place, fault.facts) }
    }

    private mutating func checkWord(_ node: YAMLNode, _ words: [Shape.Word], _ place: String, _ expected: String) {
        guard let text = node.text, !(stage == .written && VariableReference.contains(text)) else { return }
        guard let word = words.first(where: { $0.text.utf8.elementsEqual(text.utf8) }) else {
            var facts = ["value": text, "expected": expected]
            facts["near"] = Nearness.nearest(to: text, among: words.map(\.text))
            return note(.badValue, at: node.location, place, facts)
        }
        if !word.isEnforced { note(.notEnforcedYet, at: node.location, place, ["value": text]) }
    }

    private mutating func checkFlag(_ node: YAMLNode, _ enforced: [Bool], _ place: String) {
        guard let flag = node.scalar?.flag, !enforced.contains(flag) else { return }
        note(.notEnforcedYet, at: node.location, place, ["value": "\(flag)"])
    }

    private mutating func checkInteger(_ node: YAMLNode, _ range: ClosedRange<Int>, _ place: String, _ expected: String) {
        if let value = node.scalar?.number?.int64, range.contains(Int(value)) { return }
        note(.badValue, at: node.location, place, ["value": node.text ?? "", "expected": expected])
    }

    private mutating func checkAmount(_ node: YAMLNode, _ place: String) {
        checkJSON(node, place)
        guard let text = node.text, text.utf8.first == UInt8(ascii: "-") else { return }
        note(.badValue, at: node.location, place, ["value": text, "expected": Shape.amount.expectation])
    }

    /// Any JSON, without numbers that two readers would read differently, or that the canonical form cannot carry.
    private mutating func checkJSON(_ node: YAMLNode, _ place: String) {
        if let scalar = node.scalar, scalar.isAmbiguousNumber || !Self.isExact(scalar) {
            note(
                .badValue, at: node.location, place,
                ["value": scalar.text, "expected": "a number as JSON writes it and a double carries it, or text in quotes"])
        }
        for item in node.items { checkJSON(item, "\(place)[\(item.ordinal)]") }
        for entry in node.entries { checkJSON(entry.value, "\(place).\(entry.key)") }
    }

    private static func isExact(_ scalar: YAMLScalar) -> Bool {
        guard let number = scalar.number else { return true }
        return (try? JSON.number(number).canonical()) != nil
    }

    private mutating func checkCall(_ node: YAMLNode, _ place: String) {
        guard (1...2).contains(node.items.count) else {
            return note(.badValue, at: node.location, place, ["value": node.shown, "expected": Shape.call.expectation])
        }
        check(node.items[0], .text(.name), "\(place)[0]")
        guard node.items.count == 2 else { return }
        if case .mapping = node.items[1].content { return checkJSON(node.items[1], "\(place)[1]") }
        if node.items[1].content != .refused { noteWrongType(node.items[1], .record([]), "\(place)[1]") }
    }

    private mutating func checkSchema(_ node: YAMLNode, _ place: String) {
        checkJSON(node, place)
        guard patternSize <= Self.largestPatterns else { return }
        reasons += ArgumentSchema.reasons(against: node, &patternSize)
        guard patternSize > Self.largestPatterns else { return }
        note(.tooLarge, at: node.location, place, ["what": "instructions of patterns", "limit": "\(Self.largestPatterns)"])
    }

    // MARK: Lists and mappings

    private mutating func checkList(_ node: YAMLNode, _ item: Shape, _ place: String) {
        // Only what was written is judged: an optional path without a value leaves nothing behind.
        if stage == .written, node.items.isEmpty { note(.empty, at: node.location, place) }
        for element in node.items { check(element, item, "\(place)[\(element.ordinal)]") }
    }

    private mutating func checkRecord(_ node: YAMLNode, _ fields: [Shape.Field], _ place: String) {
        for entry in node.entries {
            guard let field = fields.first(where: { $0.name.utf8.elementsEqual(entry.key.utf8) }) else {
                noteUnknownKey(entry, fields, place)
                continue
            }
            let inner = place.isEmpty ? field.name : "\(place).\(field.name)"
            checkField(entry, field, inner)
        }
        for field in fields where field.isRequired && node[field.name] == nil {
            reasons.append(Reason(.missingKey, at: node.location, ["key": field.name, "place": place.isEmpty ? "document" : place]))
        }
    }

    /// What is not enforced as a whole is told at its key.
    private mutating func checkField(_ entry: YAMLEntry, _ field: Shape.Field, _ place: String) {
        guard case .notYet(let inner) = field.shape else { return check(entry.value, field.shape, place) }
        note(.notEnforcedYet, at: entry.keyLocation, place, Self.value(entry.value))
        check(entry.value, inner, place)
    }

    /// Of a scalar only: a list or mapping says nothing in one word.
    private static func value(_ node: YAMLNode) -> [String: String] { node.text.map { ["value": $0] } ?? [:] }

    private mutating func checkTable(_ node: YAMLNode, _ names: TextRule, _ values: Shape, _ place: String) {
        for entry in node.entries {
            let inner = "\(place).\(entry.key)"
            if let fault = names.fault(in: YAMLScalar(entry.key, isPlain: false)) {
                note(fault.code, at: entry.keyLocation, inner, fault.facts)
            }
            check(entry.value, values, inner)
        }
    }

    // MARK: Reasons

    mutating func note(_ code: ReasonCode, at location: SourceLocation, _ place: String, _ facts: [String: String] = [:]) {
        var facts = facts
        facts["place"] = place.isEmpty ? "document" : place
        let reason = Reason(code, at: location, facts)
        if code == .notEnforcedYet { notEnforced.append(reason) } else { reasons.append(reason) }
    }

    private mutating func noteWrongType(_ node: YAMLNode, _ shape: Shape, _ place: String) {
        note(.wrongType, at: node.location, place, ["expected": shape.expectation, "found": node.kindName])
    }

    private mutating func noteUnknownKey(_ entry: YAMLEntry, _ fields: [Shape.Field], _ place: String) {
        if isOfLayer, let problem = Grammar.problem(ofLayerKey: entry.key, at: place) {
            return note(.notInLayer, at: entry.keyLocation, place, ["key": entry.key, "problem": problem.rawValue])
        }
        let isForeign = ForeignKeys.contains(entry.key)
        var facts = ["key": entry.key]
        if !isForeign, reasons.count < Self.mostSuggestions {
            facts["near"] = Nearness.nearest(to: entry.key, among: fields.map(\.name)) ?? Grammar.placeOfKey(named: entry.key)
        }
        note(isForeign ? .foreignKey : .unknownKey, at: entry.keyLocation, place, facts)
    }
}
