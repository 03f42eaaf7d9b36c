import CEscapes
import CLinux
import Descriptors
import Glibc
import Policy
import Testing

@testable import PathFinding

/// The daemon holds descriptors that a caller's finder sent, and it has one thread.
@Suite("Filesystems that somebody else serves")
struct SilentFilesystemTests {
    private let scratch = Scratch()

    @Test("facts are proven without waiting for a server that never answers", .enabled(if: getuid() == 0, "needs root: mount"))
    func doesNotWait() throws {
        let place = scratch.directory("mount")
        let server = ce_mount_silent(place)
        guard server >= 0 else { return }
        defer { _ = clx_unmount(place) }
        let directory = try WorkingDirectory().open(place, .path)
        let number = directory.borrowed
        var descriptors = DescriptorList()
        descriptors.append(directory)
        let known = try number.knownStatus()
        let facts = PathFacts(resolved: place, status: known.status, links: [], ancestors: [], filesystem: 0x6573_5546)
        let proven = ProvenFacts(descriptors)
        #expect(known.status.isDirectory)
        #expect(proven.shows(facts))
        // Asked in the ordinary way, it has to answer; that it is gone is what fstat(2) then tells.
        close(server)
        #expect(throws: Errno.self) { _ = try number.status() }
        #expect(descriptors.count == 1)
    }

    @Test(
        "a mount's type is read from its line, whatever tags it has",
        arguments: [
            ("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw", 36, "ext3"),
            ("22 1 0:21 / /proc rw - proc proc rw", 22, "proc"),
            ("40 1 0:50 / /with\\040space rw shared:1 master:2 - fuse.sshfs host: rw", 40, "fuse.sshfs"),
            ("41 1 0:50 / /x rw shared:1", 41, nil), ("garbage", 1, nil),
        ] as [(String, UInt64, String?)])
    func readsTypes(_ line: String, _ mount: UInt64, _ type: String?) {
        #expect(MountTable(line + "\n").type(of: mount) == type)
    }

    @Test(
        "what another machine or process serves is known by its type",
        arguments: [("nfs4", true), ("fuse", true), ("fuse.sshfs", true), ("9p", true), ("ext4", false), ("proc", false), ("tmpfs", false)])
    func isServed(_ type: String, _ isServed: Bool) { #expect(MountTable.isServed(type) == isServed) }
}
