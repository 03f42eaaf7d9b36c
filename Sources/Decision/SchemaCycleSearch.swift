/// Finds schemas that apply to a value again without having consumed anything of it: evaluating them would not end.
struct SchemaCycleSearch {
    private enum State { case fresh, open, ended }

    private let nodes: [SchemaNode]
    private var states: [State]
    private var isCyclic: [Bool]

    init(_ nodes: [SchemaNode]) {
        self.nodes = nodes
        states = Array(repeating: .fresh, count: nodes.count)
        isCyclic = Array(repeating: false, count: nodes.count)
    }

    /// Whether from a node a cycle is reached. Nodes on the way are visited once; an explicit stack, since a chain may be long.
    mutating func hasCycle(through start: Int) -> Bool {
        var stack = [start]
        while let index = stack.last {
            guard states[index] == .fresh else {
                if states[index] == .open { close(index) }
                stack.removeLast()
                continue
            }
            states[index] = .open
            for next in inPlace(index) {
                switch states[next] {
                case .fresh: stack.append(next)
                case .open: isCyclic[index] = true
                case .ended: break
                }
            }
        }
        return isCyclic[start]
    }

    private mutating func close(_ index: Int) {
        states[index] = .ended
        if inPlace(index).contains(where: { isCyclic[$0] }) { isCyclic[index] = true }
    }

    /// The schemas that apply to the same value.
    private func inPlace(_ index: Int) -> [Int] {
        let node = nodes[index]
        var found = node.reference.map { [$0] } ?? []
        if let rules = node.combined?.rules {
            found += rules.all + rules.any + rules.one
            found += [rules.not, rules.condition, rules.consequence, rules.alternative].compactMap(\.self)
        }
        return found + (node.object?.rules.dependentSchemas.map(\.schema) ?? [])
    }
}
