/// A sequence of cases, from a seed.
package struct CaseSequence: Sendable {
    package static let usualSeed: UInt64 = 20_261_121
    /// More differences than these say nothing new.
    private static let patience = 5

    package var seed: UInt64
    package var cases: Range<Int>
    package var attemptsPerCase: Int

    package init(seed: UInt64 = usualSeed, cases: Range<Int>, attemptsPerCase: Int = 50) {
        self.seed = seed
        self.cases = cases
        self.attemptsPerCase = attemptsPerCase
    }

    /// Draws them for the kernel that this runs on, and holds each against it. Needs root: cgroups, programs, other uids.
    package func hold() throws -> Comparison {
        try Stage.perform { stage in
            var sum = Comparison()
            for index in cases {
                let (drawn, refused) = try Case.draw(seed: seed, index: index, count: attemptsPerCase, on: stage)
                sum += try drawn.compare(on: stage)
                sum.refused += refused
                if sum.differences.count >= Self.patience { break }
            }
            return sum
        }
    }
}
