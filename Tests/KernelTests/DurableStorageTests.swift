import Descriptors
import KernelPlan
import Testing

@testable import Kernel

@Suite struct DurableStorageTests {
    @Test("what is in memory outlives no host; a missing directory is told by its error")
    func memory() {
        #expect(DurableStorage.observe(["/dev/shm"]) == .absent("/dev/shm is in memory"))
        #expect(DurableStorage.observe(["/nonexistent"]) == .absent("ENOENT when /nonexistent was synced"))
        #expect(DurableStorage.observe(["/proc"]) == .absent("EINVAL when /proc was synced"))
    }

    @Test("an overlay that skips syncing is known by its own mount alone")
    func volatileOverlay() {
        let mounts = """
            41 31 0:37 / /a rw,relatime shared:1 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w,volatile
            42 31 0:38 / /b rw,relatime shared:2 - overlay overlay rw,lowerdir=/volatile,upperdir=/u2,workdir=/w2
            """
        #expect(DurableStorage.isVolatile(mount: 41, in: mounts))
        #expect(!DurableStorage.isVolatile(mount: 42, in: mounts))
        #expect(!DurableStorage.isVolatile(mount: 4, in: mounts))
    }
}
