import Descriptors
import Glibc
import Policy

/// What descriptors show of the inodes that an answer speaks of, seen by whoever holds them.
///
/// INVARIANT: inode, kind, owner, mode, filesystem and resolved path of believed facts are what this process sees, not what was said. Nothing
/// here waits for whoever serves a filesystem, a machine or process that may never answer. Of such a one the magic number is not asked: it is
/// none of the kernel's own, which are what the number has to tell.
struct ProvenFacts {
    private struct Sight: Hashable {
        var device: UInt64
        var inode: UInt64
        var kind: PathFacts.Kind
        var owner: UInt32
        var group: UInt32
        var mode: UInt32
        /// `nil` for one that another process or machine serves.
        var filesystem: UInt64?
        var path: [UInt8]

        init(_ facts: PathFacts, filesystem: UInt64?) {
            (device, inode, kind) = (facts.device, facts.inode, facts.kind)
            (owner, group, mode) = (facts.owner, facts.group, facts.mode)
            (self.filesystem, path) = (filesystem, Array(facts.resolved.utf8))
        }
    }

    private var sights: Set<Sight> = []
    /// Also that nothing came which is open for more than being named.
    private var areAllPaths = true

    init(_ descriptors: borrowing DescriptorList, mounts: MountTable = .own()) {
        for index in 0..<descriptors.count {
            guard let descriptor = descriptors.peek(index), let sight = Self.sight(of: descriptor, mounts) else {
                areAllPaths = false
                continue
            }
            sights.insert(sight)
        }
    }

    /// The path is the kernel's own (proc(5), /proc/self/fd); reading that link opens nothing.
    private static func sight(of descriptor: BorrowedDescriptor, _ mounts: MountTable) -> Sight? {
        guard let flags = try? descriptor.statusFlags(), flags.contains(.path), let known = try? descriptor.knownStatus(),
            let path = try? WorkingDirectory().linkTarget("/proc/self/fd/\(descriptor.number)"),
            let resolved = String(validating: path, as: UTF8.self)
        else { return nil }
        let facts = PathFacts(resolved: resolved, status: known.status, links: [], ancestors: [], filesystem: 0)
        // A mount of another namespace has no line here, and nothing that is said of it is believed.
        if let mount = known.mount {
            guard let type = mounts.type(of: mount) else { return nil }
            if MountTable.isServed(type) { return Sight(facts, filesystem: nil) }
        }
        guard let magic = try? descriptor.filesystemMagic() else { return nil }
        return Sight(facts, filesystem: magic)
    }

    func shows(_ facts: PathFacts) -> Bool {
        sights.contains(Sight(facts, filesystem: facts.filesystem)) || sights.contains(Sight(facts, filesystem: nil))
    }

    func holds(of answer: PathAnswer) -> Bool {
        let found = answer.findings.compactMap { finding in
            if case .found(let facts) = finding { facts } else { nil }
        }
        let facts = found + answer.chain.map(\.facts) + answer.executeChain.map(\.facts)
        return areAllPaths && facts.allSatisfy(shows)
    }
}
