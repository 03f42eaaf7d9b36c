import MCP

/// The answers to what was sent as one array, kept until the last of them is there.
struct Batch {
    /// Who sent it.
    let side: Side
    /// Members whose answers will come.
    private var awaited: Set<Int> = []
    /// By member; without line ends.
    private var answers: [Int: ArraySlice<UInt8>] = [:]
    private(set) var size = 0

    init(side: Side) { self.side = side }

    var isComplete: Bool { awaited.isEmpty }

    mutating func expect(_ member: Int) { awaited.insert(member) }

    /// Nobody waits for this answer any more, nor gets it.
    mutating func drop(_ member: Int) {
        awaited.remove(member)
        size -= answers.removeValue(forKey: member)?.count ?? 0
    }

    /// A later answer takes the place of an earlier one.
    mutating func put(_ answer: ArraySlice<UInt8>, at member: Int) {
        drop(member)
        answers[member] = answer
        size += answer.count
    }

    /// Appends the answers as one line, in the order of what they answer; nothing where there is none.
    func append(to output: inout [UInt8]) {
        guard !answers.isEmpty else { return }
        output.append(UInt8(ascii: "["))
        output += answers.sorted { $0.key < $1.key }.map(\.value).joined(separator: CollectionOfOne(UInt8(ascii: ",")))
        output += [UInt8(ascii: "]"), UInt8(ascii: "\n")]
    }
}
