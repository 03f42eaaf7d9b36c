import Descriptors
import KernelPlan
import Testing

@testable import Kernel

@Suite struct TrialListTests {
    @Test("more trials than a keeper takes fail the launch: none is left out")
    func limit() throws {
        let trial = Trial(.fork, isPermitted: false)
        #expect(try TrialList.make(Array(repeating: trial, count: 128)).status().size > 0)
        let failure = #expect(throws: LaunchFailure.self) { _ = try TrialList.make(Array(repeating: trial, count: 129)).number }
        #expect(failure?.step == .selfTest)
    }
}
