import CAllocations

/// Prints every figure of every round as JSON. `policy-bench [ROUNDS [PART…]]`, where a part is `decisions`, `messages` or
/// `compiling`.
@main struct PolicyBench {
    static func main() throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 15
        try checkCounter()
        var figures = Figures()
        let parts = CommandLine.arguments.count > 2 ? CommandLine.arguments[2...] : ["decisions", "messages", "compiling"]
        if parts.contains("decisions") { try measureDecisions(rounds, &figures) }
        if parts.contains("messages") { try measureMessages(rounds, &figures) }
        if parts.contains("compiling") { try measureCompiling(rounds, &figures) }
        figures.print()
    }

    /// A count of nothing must not come from a counter that does not count.
    private static func checkCounter() throws {
        let before = ca_count()
        keep(Array(repeating: before, count: Int(before % 7) + 100))
        guard ca_count() > before else { throw Fault.noAllocationCounted }
    }

    private static func measureDecisions(_ rounds: Int, _ figures: inout Figures) throws {
        for (kind, glob) in [("name", false), ("glob", true)] {
            let few = try Deciding(rules: 10, glob: glob), many = try Deciding(rules: 10_000, glob: glob)
            _ = (few.time(), many.time())
            figures.add("decide_\(kind)_allocations", many.allocations())
            for _ in 0..<rounds {
                figures.add("decide_\(kind)_10_ns", few.time())
                figures.add("decide_\(kind)_10000_ns", many.time())
            }
        }
    }

    private static func measureMessages(_ rounds: Int, _ figures: inout Figures) throws {
        var plain = try Judging(schema: false), judged = try Judging(schema: true)
        figures.add("message_bytes", Double(plain.bytes))
        figures.add("message_allocations", try plain.allocations())
        figures.add("message_schema_allocations", try judged.allocations())
        for _ in 0..<rounds {
            figures.add("read_ns", try plain.readingTime())
            figures.add("message_ns", try plain.time())
            figures.add("message_schema_ns", try judged.time())
        }
    }

    private static func measureCompiling(_ rounds: Int, _ figures: inout Figures) throws {
        let compilation = Compilation()
        _ = try compilation.time()
        for _ in 0..<rounds { figures.add("compile_ms", try compilation.time()) }
    }
}

/// Figures by name, in the order of their first one.
struct Figures {
    private var names: [String] = []
    private var lists: [String: [Double]] = [:]

    mutating func add(_ name: String, _ value: Double) {
        if lists[name] == nil { names.append(name) }
        lists[name, default: []].append(value)
    }

    func print() {
        let members = names.map { name in "\"\(name)\": [\((lists[name] ?? []).map(\.description).joined(separator: ", "))]" }
        Swift.print("{\(members.joined(separator: ",\n "))}")
    }
}
