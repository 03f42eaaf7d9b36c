import Foundation
import KernelPlan
import Policy
import TestSupport
import Testing

@testable import KernelMeaning

/// Policies and operations of which the comparison has once said, or could once have said, that kernel and model differ.
@Suite(
    "named cases of the plan against the real kernel", .enabled(if: getuid() == 0, "needs root: cgroups, programs, other uids"), .serialized
)
struct NamedCaseTests {
    /// A link or rename may not give a file rights that it did not have: Landlock then answers EXDEV.
    @Test("a file is moved in a writable directory from where it cannot be executed to where it can")
    func movesIntoExecutable() throws {
        let sum = try Stage.perform { stage in
            var drawing = PolicyDrawing(generator: SeededGenerator(seed: 1), stage: stage)
            let policy = try drawing.policy(write: ["a"], execute: ["a/bin"])
            let (from, to) = (stage.tree.path("a/op1"), stage.tree.path("a/bin/op2"))
            let moving = Attempt(
                takes: [.move(from: from, to: to)], act: "rename", words: ["direct", from, to], truth: .content(to), props: [.file(from)])
            return try Case.made(drawing, policy, [moving]).compare(on: stage)
        }
        #expect(sum.differences == [])
    }

    /// Landlock takes the one for a rename, and on some kernels the other for a file; both are permitted. Where it has no right for the control of
    /// devices this writing is refused beforehand.
    @Test(
        "neither a rename nor mknod(2) in a writable directory makes a device",
        arguments: ["node-whiteout", "node-device"])
    func makesNoDevice(_ act: String) throws {
        let sum: Comparison? = try Stage.perform { stage in
            var drawing = PolicyDrawing(generator: SeededGenerator(seed: 1), stage: stage)
            let policy = try drawing.policy(write: ["a"])
            if stage.host.landlockABI < 5 {
                #expect(throws: Refusal.self) { try compile(policy, for: stage.host, launching: drawing.launch()) }
                return nil
            }
            let path = stage.tree.path("a/op1")
            let making = Attempt(
                takes: [.file(act == "node-whiteout" ? .leaveDevice : .makeDevice, path: path)], act: act, words: ["direct", path],
                truth: .exists(path, .device))
            return try Case.made(drawing, policy, [making]).compare(on: stage)
        }
        guard let sum else { return }
        #expect(sum.differences == [])
        #expect(sum.untestableCount == 0)
    }
}
