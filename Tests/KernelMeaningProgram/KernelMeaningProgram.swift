import Foundation
import KernelMeaning

/// Holds plans against the kernel that this runs on. `kernel-meaning CASES ATTEMPTS [SEED [FIRST]]`; exit status 1 when they differ.
@main struct KernelMeaningProgram {
    static func main() throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard (2...4).contains(numbers.count), numbers.count == CommandLine.arguments.count - 1 else {
            FileHandle.standardError.write(Data("usage: kernel-meaning CASES ATTEMPTS [SEED [FIRST]]\n".utf8))
            exit(2)
        }
        let seed = numbers.count > 2 ? numbers[2] : CaseSequence.usualSeed
        let first = numbers.count > 3 ? Int(numbers[3]) : 0
        let sum = try CaseSequence(seed: seed, cases: first..<first + Int(numbers[0]), attemptsPerCase: Int(numbers[1])).hold()
        for difference in sum.differences { print(difference) }
        print("plan against kernel: \(sum.text)")
        exit(sum.differences.isEmpty && sum.operations > 0 ? 0 : 1)
    }
}
