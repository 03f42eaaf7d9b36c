import Decision
import Policy
import StrictJSON

/// The meaning of conditions, told again over trees, as plainly as possible and sharing nothing with what is tested.
enum NaiveCondition {
    static func evaluate(_ condition: Condition, _ arguments: JSON) -> Truth {
        switch condition {
        case .all(let conditions): all(conditions.map { evaluate($0, arguments) })
        case .any(let conditions): not(all(conditions.map { not(evaluate($0, arguments)) }))
        case .not(let condition): not(evaluate(condition, arguments))
        case .argument(let pointer, let operators): all(operators.map { evaluate($0, at: pointer.segments[...], arguments) })
        }
    }

    static func not(_ truth: Truth) -> Truth { truth == .unknown ? .unknown : truth == .true ? .false : .true }

    static func all(_ truths: [Truth]) -> Truth { truths.contains(.false) ? .false : truths.contains(.unknown) ? .unknown : .true }

    private static func evaluate(_ item: Condition.Operator, at path: ArraySlice<[UInt8]>, _ value: JSON) -> Truth {
        guard let segment = path.first else { return evaluate(item, value) }
        switch value {
        case .array(let elements):
            let index = String(decoding: segment, as: UTF8.self)
            guard let number = Int(index), String(number) == index, elements.indices.contains(number) else { return missing(item) }
            return evaluate(item, at: path.dropFirst(), elements[number])
        case .object(let object):
            let alike = object.members.filter { fold(Array($0.name.utf8)) == fold(segment) }
            guard let one = alike.first else { return missing(item) }
            guard alike.count == 1, Array(one.name.utf8) == segment else { return .unknown }
            return evaluate(item, at: path.dropFirst(), one.value)
        case .string(let text): return isLikeJSON(text) ? .unknown : missing(item)
        case .null, .bool, .number: return missing(item)
        }
    }

    /// Names of the tests are ASCII.
    private static func fold(_ name: [UInt8]) -> [UInt8] {
        name.prefix { $0 != 0 }.map { (65...90).contains($0) ? $0 + 32 : $0 }
    }

    private static func isLikeJSON(_ text: String) -> Bool {
        text.utf8.first { ![9, 10, 13, 32].contains($0) }.map { $0 == 0x7B || $0 == 0x5B } ?? false
    }

    private static func missing(_ item: Condition.Operator) -> Truth {
        if case .exists(let exists) = item { exists ? .false : .true } else { .unknown }
    }

    private static func evaluate(_ item: Condition.Operator, _ value: JSON) -> Truth {
        switch item {
        case .exists(let exists): return exists ? .true : .false
        case .equals(let text): return equal(json(text), value)
        case .isIn(let texts): return not(all(texts.map { not(equal(json($0), value)) }))
        case .below(let text): return compare(value, text) { $0 < $1 }
        case .atMost(let text): return compare(value, text) { $0 <= $1 }
        case .above(let text): return compare(value, text) { $0 > $1 }
        case .atLeast(let text): return compare(value, text) { $0 >= $1 }
        case .startsWith(let part): return string(value) { $0.starts(with: Array(part.utf8)) }
        case .endsWith(let part): return string(value) { $0.reversed().starts(with: Array(part.utf8).reversed()) }
        case .contains(let text):
            if case .array(let elements) = value { return not(all(elements.map { not(equal(json(text), $0)) })) }
            guard case .string(let part) = json(text) else { return .unknown }
            return string(value) { has(Array(part.utf8), $0) }
        case .each(let operators):
            guard case .array(let elements) = value else { return .unknown }
            return all(elements.flatMap { element in operators.map { evaluate($0, element) } })
        case .matches(let pattern):
            // The tests' only pattern.
            precondition(pattern == "^a+$")
            return string(value) { !$0.isEmpty && $0.allSatisfy { $0 == 97 } }
        case .inside, .hostIn: preconditionFailure("tested by tables")
        }
    }

    private static func json(_ text: JSONText) -> JSON { (try? JSON(parsing: text.json)) ?? .null }

    private static func string(_ value: JSON, _ test: ([UInt8]) -> Bool) -> Truth {
        guard case .string(let text) = value else { return .unknown }
        return test(Array(text.utf8)) ? .true : .false
    }

    private static func has(_ part: [UInt8], _ text: [UInt8]) -> Bool {
        (0...text.count).contains { text[$0...].starts(with: part) }
    }

    /// The tests' numbers are few digits and small exponents, or inexact on purpose: those have more than 16 digits.
    private static func isExact(_ number: JSONNumber) -> Bool { number.token.utf8.count <= 16 }

    private static func compare(_ value: JSON, _ text: JSONText, _ test: (Double, Double) -> Bool) -> Truth {
        guard case .number(let number) = value, isExact(number), case .number(let bound) = json(text) else { return .unknown }
        return test(number.double, bound.double) ? .true : .false
    }

    private static func equal(_ wanted: JSON, _ value: JSON) -> Truth { hasInexact(value) ? .unknown : same(wanted, value) }

    private static func hasInexact(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool, .string: false
        case .number(let number): !isExact(number)
        case .array(let elements): elements.contains(where: hasInexact)
        case .object(let object): object.members.contains { hasInexact($0.value) }
        }
    }

    private static func same(_ wanted: JSON, _ value: JSON) -> Truth {
        switch (wanted, value) {
        case (.number(let left), .number(let right)): return left.double == right.double ? .true : .false
        case (.array(let left), .array(let right)):
            return left.count == right.count ? all(zip(left, right).map { same($0, $1) }) : .false
        case (.object(let left), .object(let right)):
            let names = { (object: JSONObject) in Set(object.members.map { Array($0.name.utf8) }) }
            if names(left) == names(right) { return all(left.members.map { same($0.value, right[$0.name] ?? .null) }) }
            return Set(names(left).map(fold)) == Set(names(right).map(fold)) ? .unknown : .false
        case (.null, _), (.bool, _), (.string, _), (.number, _), (.array, _), (.object, _): return wanted == value ? .true : .false
        }
    }
}
