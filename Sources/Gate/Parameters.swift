import MCP
import StrictJSON

/// The members of params that a method has. With others it is not forwarded, so that no receiver finds more in a message than was judged.
struct Parameters {
    private let names: [StaticString]
    private var values: [JSONNode?]

    /// Nil when there is a member that is none of `names`, nor `_meta`.
    init?(_ params: JSONNode?, _ names: [StaticString], in tape: borrowing JSONTape) {
        self.names = names
        values = Array(repeating: nil, count: names.count)
        var cursor = params.flatMap { tape.firstChild(of: $0) }
        while let member = cursor {
            if let index = names.firstIndex(where: { tape.isString(member, $0) }) {
                values[index] = tape.value(of: member)
            } else if !tape.isString(member, "_meta") {
                return nil
            }
            cursor = tape.nextName(after: member)
        }
    }

    /// In the order of the names.
    subscript(_ index: Int) -> JSONNode? { values[index] }

    /// Those that are there, but for answers to the server's questions: what a commitment is made to.
    var judged: [(name: StaticString, value: JSONNode)] {
        zip(names, values).compactMap { name, value in value.map { (name: name, value: $0) } }.filter { member in !Self.isRetry(member.name)
        }
    }

    /// What it brings of what the server asked for.
    var retry: Retry {
        let found = zip(names, values).filter { Self.isRetry($0.0) }.map(\.1)
        return found.isEmpty ? .none : Retry(responses: found[0], state: found[1])
    }

    private static func isRetry(_ name: StaticString) -> Bool { Retry.names.contains { $0.description == name.description } }
}
