import Foundation
import KernelPlan
import Policy
import Testing

@testable import KernelMeaning

/// The plan against the real kernel: what policy and plan mean is what takes effect, attempt by attempt.
///
/// SANDBOXD_KERNEL_SEED chooses another sequence, SANDBOXD_KERNEL_CASES another length, SANDBOXD_KERNEL_CASE a single case of it.
@Suite("the plan against the real kernel", .enabled(if: getuid() == 0, "needs root: cgroups, programs, other uids"), .serialized)
struct KernelMeaningTests {
    static let seed = number("SANDBOXD_KERNEL_SEED").map { UInt64($0) } ?? CaseSequence.usualSeed
    static let cases = number("SANDBOXD_KERNEL_CASES") ?? 10
    static let attemptsPerCase = 50

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// How many of 10,000 attempts may fail without any confinement.
    private static func committedUntestable() throws -> Int {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "untestable")
        return try #require(Int(try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test("an operation takes effect inside a plan exactly when the policy permits it")
    func kernelEqualsPolicy() throws {
        let indices = Self.number("SANDBOXD_KERNEL_CASE").map { $0..<$0 + 1 } ?? 0..<Self.cases
        let started = ContinuousClock.now
        let sum = try CaseSequence(seed: Self.seed, cases: indices, attemptsPerCase: Self.attemptsPerCase).hold()
        print("plan against kernel: \(sum.text), in \(started.duration(to: .now))")
        for difference in sum.differences { Issue.record("\(difference)") }
        if sum.operations >= 10_000 {
            #expect(sum.untestableCount * 10_000 <= (try Self.committedUntestable()) * sum.operations, "\(sum.text)")
        }
    }
}
