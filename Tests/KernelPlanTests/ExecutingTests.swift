import KernelPlan
import Testing

@Suite("Which file a Landlock plan lets a server execute")
struct ExecutingTests {
    private let plan = LandlockPlan(
        abi: 7, handledFiles: .execute,
        paths: [
            LandlockPathRule(path: "/usr/bin/node", device: 1, inode: 10, rights: .execute),
            LandlockPathRule(path: "/opt/tools", device: 1, inode: 20, rights: .execute),
            LandlockPathRule(path: "/usr/lib", device: 1, inode: 30, rights: []),
        ])

    @Test("a file by its inode, a directory's by its path")
    func permitted() {
        #expect(plan.permitsExecuting(device: 1, inode: 10, path: "/usr/bin/node"))
        #expect(plan.permitsExecuting(device: 1, inode: 99, path: "/opt/tools/a/b"))
    }

    @Test("another file at the same path, another device, a neighbour of a directory, what may only be read")
    func denied() {
        #expect(!plan.permitsExecuting(device: 1, inode: 11, path: "/usr/bin/node"))
        #expect(!plan.permitsExecuting(device: 2, inode: 10, path: "/usr/bin/node"))
        #expect(!plan.permitsExecuting(device: 1, inode: 99, path: "/opt/tools2/a"))
        #expect(!plan.permitsExecuting(device: 1, inode: 30, path: "/usr/lib/x"))
    }
}
