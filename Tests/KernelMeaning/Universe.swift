import Descriptors
import Foundation
import KernelPlan
import PathFinding
import Policy
import TestSupport

/// One case: a random policy over this stage's universe, its plan for this very host, and attempts on both sides of its boundaries.
struct Case {
    let seed: UInt64
    let index: Int
    var policy: Policy
    var launch: LaunchFacts
    var plan: KernelPlan
    var attempts: [Attempt]
    /// Of all that the plan names.
    let descriptors: DescriptorBox

    /// Keeps descriptors open as long as the case.
    final class DescriptorBox {
        private var list: DescriptorList
        private var opened: [Inode: Int32] = [:]

        private struct Inode: Hashable {
            var device: UInt64
            var inode: UInt64
        }

        init(_ descriptors: consuming DescriptorList) throws {
            list = descriptors
            for index in 0..<list.count {
                guard let descriptor = list.peek(index) else { continue }
                let status = try descriptor.status()
                opened[Inode(device: status.device, inode: status.inode)] = descriptor.number
            }
        }

        func descriptor(of rule: LandlockPathRule) throws(Errno) -> BorrowedDescriptor {
            guard let number = opened[Inode(device: rule.device, inode: rule.inode)] else { throw .noEntry }
            return BorrowedDescriptor(number)
        }
    }

    /// One that is said, not drawn.
    static func made(_ drawing: consuming PolicyDrawing, _ policy: Policy, _ attempts: [Attempt]) throws -> Case {
        var drawing = drawing
        let launch = try drawing.launch()
        let plan = try compile(policy, for: drawing.stage.host, launching: launch)
        let box = try DescriptorBox(drawing.descriptors)
        return Case(seed: 0, index: 0, policy: policy, launch: launch, plan: plan, attempts: attempts, descriptors: box)
    }

    /// Each case has numbers of its own, so that one can be repeated alone. Mixed first: neighbouring seeds of SplitMix64 give one sequence, shifted.
    private static func generator(seed: UInt64, index: Int) -> SeededGenerator {
        var seeds = SeededGenerator(seed: seed ^ (UInt64(index) &* 0xD134_2543_DE82_EF95))
        return SeededGenerator(seed: seeds.next())
    }

    /// Draws until a policy has a plan here; what is refused is proved elsewhere.
    static func draw(seed: UInt64, index: Int, count: Int, on stage: Stage) throws -> (Case, refused: Int) {
        var generator = self.generator(seed: seed, index: index)
        for refused in 0..<1_000 {
            var drawing = PolicyDrawing(generator: generator, stage: stage)
            let policy = try drawing.policy()
            let launch = try drawing.launch()
            let plan = try? compile(policy, for: stage.host, launching: launch)
            generator = drawing.generator
            guard let plan else { continue }
            var attempts = AttemptDrawing(generator: generator, stage: stage, policy: policy)
            let drawn = try attempts.attempts(count)
            let box = try DescriptorBox(drawing.descriptors)
            return (
                Case(seed: seed, index: index, policy: policy, launch: launch, plan: plan, attempts: drawn, descriptors: box), refused
            )
        }
        throw Unmet(description: "no policy of a thousand has a plan here")
    }
}

/// Random numbers in the words of a test.
protocol Drawing: ~Copyable {
    var generator: SeededGenerator { get set }
}

extension Drawing where Self: ~Copyable {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
    mutating func one<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &generator)] }
    mutating func some<Element>(_ elements: [Element], percent: Int) -> [Element] { elements.filter { _ in chance(percent) } }
}
