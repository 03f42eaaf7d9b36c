import Descriptors
import KernelPlan
import Testing

@testable import Kernel

@Suite struct SeccompFilterTests {
    @Test("the gate's filter is made of system calls that all have numbers here")
    func gate() throws {
        let filter = try SeccompFilter.make(.gate)
        let size = try filter.status().size
        #expect(size > 0 && size % 8 == 0 && size / 8 <= 4_096)
        #expect(try filter.isSealed())
    }

    @Test("a name that is no system call fails the launch, and is named")
    func unknownNames() {
        let plan = SeccompPlan(groups: [SeccompGroup("x", [SeccompRule(.named("no_such_call"), .fail(errno: 1))])])
        let failure = #expect(throws: LaunchFailure.self) { _ = try SeccompFilter.make(plan).number }
        #expect(failure?.step == .makeFilter)
        #expect(failure?.detail == "no_such_call")
    }
}
