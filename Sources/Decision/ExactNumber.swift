import Policy
import StrictJSON

/// A number that every program reads alike: a double gives all its digits back, and as an integer it lies within 2^53.
struct ExactNumber: Sendable, Hashable {
    let decimal: JSONDecimal

    init?(_ number: JSONNumber) {
        guard Self.isExact(number) else { return nil }
        decimal = number.decimal
    }

    /// Of the token of a number.
    init?(_ text: JSONText) {
        guard case .number(let number)? = try? JSON(parsing: text.json) else { return nil }
        self.init(number)
    }

    /// Nil for what is no such number.
    init?(_ node: JSONNode, _ tape: borrowing JSONTape) {
        guard let number = tape.number(node) else { return nil }
        self.init(number)
    }

    static func isExact(_ number: JSONNumber) -> Bool {
        if let integer = number.int64 { return integer.magnitude <= 1 << 53 }
        return (try? JSON.number(number).canonical()) != nil
    }

    /// Whether all numbers of a value are exact; `work` is what may still be looked at.
    static func areExact(in node: JSONNode, _ tape: borrowing JSONTape, _ work: inout Int) -> Bool {
        work -= 1
        guard work >= 0 else { return false }
        switch tape.kind(of: node) {
        case .null, .false, .true, .string: return true
        case .number: return tape.int64(node).map { $0.magnitude <= 1 << 53 } ?? tape.number(node).map(isExact) ?? false
        case .array:
            var cursor = tape.firstChild(of: node)
            while let element = cursor {
                guard areExact(in: element, tape, &work) else { return false }
                cursor = tape.nextElement(after: element)
            }
        case .object:
            var cursor = tape.firstChild(of: node)
            while let name = cursor {
                guard areExact(in: tape.value(of: name), tape, &work) else { return false }
                cursor = tape.nextName(after: name)
            }
        }
        return true
    }
}
