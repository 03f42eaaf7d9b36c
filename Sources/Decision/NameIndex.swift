/// The rules that name a tool, by its name. Flat, so that a look-up touches one place of the table and the name.
struct NameIndex: Sendable {
    private struct Slot: Sendable {
        var tag: UInt32 = 0
        /// Where the name stands in `text`.
        var start: UInt32 = 0
        /// Of the name; 0 for an empty slot, since no pattern is empty.
        var length: UInt32 = 0
        /// Its only rule, which is the last, or where its rules stand in `marks`.
        var rules = RuleMark(listAt: 0)
    }

    /// As many as a power of two, at most three of four taken.
    private let slots: [Slot]
    private let text: [UInt8]
    private let marks: [RuleMark]

    /// The rules of each name ascend; none has none.
    init(_ rules: [[UInt8]: [RuleMark]]) {
        var count = 2
        while count * 3 < rules.count * 4 { count *= 2 }
        var slots = Array(repeating: Slot(), count: count)
        var text: [UInt8] = []
        var marks: [RuleMark] = []
        for (name, own) in rules {
            let hash = ByteHash(name)
            var at = hash.slot(of: count)
            while slots[at].length > 0 { at = (at + 1) & (count - 1) }
            var own = own
            own[own.count - 1].isLast = true
            let rules = own.count == 1 ? own[0] : RuleMark(listAt: marks.count)
            slots[at] = Slot(tag: hash.tag, start: UInt32(text.count), length: UInt32(name.count), rules: rules)
            text += name
            if own.count > 1 { marks += own }
        }
        (self.slots, self.text, self.marks) = (slots, text, marks)
    }

    /// Hands over the rules that name the tool, in file order.
    func forEach(_ name: [UInt8], _ body: (RuleMark) -> Void) {
        let hash = ByteHash(name)
        var at = hash.slot(of: slots.count)
        while slots[at].length > 0 {
            let slot = slots[at]
            if slot.tag == hash.tag, isName(name, at: slot) {
                return slot.rules.isLast ? body(slot.rules) : handOver(from: slot.rules.index, body)
            }
            at = (at + 1) & (slots.count - 1)
        }
    }

    private func handOver(from first: Int, _ body: (RuleMark) -> Void) {
        var at = first
        while true {
            body(marks[at])
            if marks[at].isLast { return }
            at += 1
        }
    }

    private func isName(_ name: [UInt8], at slot: Slot) -> Bool {
        guard Int(slot.length) == name.count else { return false }
        let start = Int(slot.start)
        for index in name.indices where text[start + index] != name[index] { return false }
        return true
    }
}
