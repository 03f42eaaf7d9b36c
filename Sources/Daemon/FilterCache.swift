import Descriptors
import Kernel
import KernelPlan

/// The programs of seccomp filters by what they say: libseccomp builds each once, however many sessions it holds.
struct FilterCache {
    /// Of a few kilobytes each. Beyond it all are built anew: a host has few policies, and whoever invents many gets no memory for it.
    static let limit = 64

    private var programs: [SeccompPlan: [UInt8]] = [:]
    private(set) var built = 0

    /// A sealed file of the session's own that holds the program.
    mutating func filter(_ plan: SeccompPlan) throws(LaunchFailure) -> OwnedDescriptor {
        if let program = programs[plan] {
            return try LaunchStep.makeFilter.run { () throws(Errno) in try SealedMemory.make(name: "seccomp", bytes: program) }
        }
        let filter = try SeccompFilter.make(plan)
        built += 1
        if programs.count == Self.limit { programs = [:] }
        programs[plan] = try LaunchStep.makeFilter.run { () throws(Errno) in try filter.sealedContents(limit: 1 << 16) }
        return filter
    }
}
