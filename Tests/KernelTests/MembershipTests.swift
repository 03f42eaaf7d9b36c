import Descriptors
import Glibc
import KernelPlan
import Testing

@testable import Kernel

@Suite("multicast groups", .enabled(if: isRoot, "needs root: another uid"), .serialized)
struct MembershipTests {
    /// The reports that the kernel sends of a membership name a group of the process's choice, and need no privilege.
    @Test("no session joins one, by whatever option", arguments: [true, false])
    func cannotJoin(isConfined: Bool) throws {
        let program = """
            import os, socket, struct
            four, six = socket.inet_aton('239.1.2.3'), socket.inet_pton(socket.AF_INET6, 'ff05::1234')
            loopback = socket.inet_aton('127.0.0.1')
            group4 = struct.pack('=I4xHH4s120x', 1, socket.AF_INET, 0, four)
            group6 = struct.pack('=I4xHHI16s104x', 1, socket.AF_INET6, 0, 0, six)
            tried = [(socket.AF_INET, 0, 35, four + loopback), (socket.AF_INET, 0, 39, four + loopback + loopback), (socket.AF_INET, 0, 42, group4),
                     (socket.AF_INET6, 41, 20, six + struct.pack('=I', 1)), (socket.AF_INET6, 41, 42, group6)]
            for family, level, option, value in tried:
                try: socket.socket(family, socket.SOCK_DGRAM).setsockopt(level, option, value); print('ok')
                except OSError as error: print(os.strerror(error.errno))
            """
        let filter = try SeccompFilter.make(SeccompPlan(groups: SeccompBaseline.groups))
        let output = isConfined ? try ConfinedPython.run(program, seccomp: filter) : try ConfinedPython.run(program)
        let lines = output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.allSatisfy { $0 == (isConfined ? "Operation not permitted" : "ok") }, "\(lines)")
    }
}
