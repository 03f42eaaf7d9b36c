import CStage
import Descriptors
import Foundation
import Kernel
import KernelPlan
import PathFinding
import Policy
import TestSupport

/// Where policies are held against the kernel: namespaces of this thread's own, the tree, the receivers, and what was seen of the host.
final class Stage {
    static let sessionUID: UInt32 = 61_001
    static let callerUID: UInt32 = 61_002

    let scratch: ScratchDirectory
    let tree: Tree
    let receivers = Receivers()
    let cgroups: CgroupTree
    let host: HostProfile
    /// The confined program, outside of all that a policy may grant.
    let program: String
    let bpffs: String
    /// Where keepers listen.
    let keepers: String
    private var counter: UInt16 = 0

    private init() throws {
        try require(cs_enter(), "namespaces")
        scratch = try ScratchDirectory()
        let place = scratch.path
        chmod(place, 0o755)
        try require(cs_mount("tmpfs", place), "tmpfs")
        chmod(place, 0o755)
        bpffs = place + "/bpf"
        try WorkingDirectory().makeDirectory(bpffs)
        try require(cs_mount("bpf", bpffs), "bpffs")
        keepers = place + "/keepers"
        try WorkingDirectory().makeDirectory(keepers)
        program = place + "/acts"
        try FileManager.default.copyItem(atPath: Self.sibling("acts"), toPath: program)
        chmod(program, 0o755)
        tree = Tree(root: place + "/tree")
        try tree.make(program: program)
        guard let cgroups = try CgroupTree.find() else { throw Unmet(description: "cgroup2 is not mounted") }
        self.cgroups = cgroups
        host = HostProbe.observe(custody: .daemon, tree: cgroups, bpffs: bpffs)
    }

    /// So that the scratch directory can go, too.
    deinit {
        cs_unmount(bpffs)
        cs_unmount(scratch.path)
    }

    /// The programs of the build lie beside the test bundle.
    static func sibling(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return (own as NSString).deletingLastPathComponent + "/" + name
    }

    /// Runs `body` on a stage of its own, in a thread of its own: with the thread its namespaces go, and what was mounted in them.
    static func perform<Result: Sendable>(_ body: @escaping @Sendable (Stage) throws -> Result) throws -> Result {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Swift.Result<Result, any Error>>()
        let thread = Thread {
            box.value = Swift.Result { try body(try Stage()) }
            done.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
        done.wait()
        return try box.value!.get()
    }

    private final class Box<Value>: @unchecked Sendable { var value: Value? }

    /// Unlike that of any other stage.
    var name: String { String(scratch.path.suffix(6)) }

    /// A name or a port that no run before has used.
    func next() -> UInt16 {
        counter &+= 1
        return counter
    }

    /// What the policy's paths denote here, and a descriptor of each.
    func find(_ path: String, _ descriptors: inout DescriptorList) throws -> PathFacts {
        guard case .found(let facts) = PathFinder.find(path, keeping: &descriptors) else { throw Unmet(description: "no \(path)") }
        return facts
    }
}
