import Testing

@testable import Daemon

@Suite struct DenialAccountTests {
    @Test(
        "what was counted is told, waiting or lost; the rest is hidden, and what exceeds it invented",
        arguments: [
            // counted, lost, waiting, told: hidden, invented
            [0, 0, 0, 0, 0, 0], [5, 1, 2, 2, 0, 0], [5, 0, 0, 4, 1, 0], [5, 5, 0, 0, 0, 0], [5, 1, 0, 0, 4, 0],
            // A gate died after it told and before it gave back.
            [5, 0, 2, 5, 0, 0], [5, 0, 2, 6, 0, 1], [0, 0, 0, 3, 0, 3],
            [5, 0, 0, Int.max, 0, Int.max - 5],
        ])
    func accounts(_ numbers: [Int]) {
        let n = numbers.map { UInt64($0) }
        let account = DenialAccount(denied: n[0], lost: n[1], waiting: n[2], told: n[3])
        #expect(account.hidden == n[4])
        #expect(account.invented == n[5])
    }

    @Test("sums beyond all bounds hide nothing")
    func overflows() {
        let account = DenialAccount(denied: 1, lost: .max, waiting: 0, told: .max)
        #expect(account.invented == UInt64.max - 1)
    }
}
