import Descriptors
import Glibc
import Policy

/// What descriptors show of the inodes that an answer speaks of, seen by whoever holds them.
///
/// INVARIANT: inode, kind, owner, mode, filesystem and resolved path of believed facts are what this process sees, not what was said.
struct ProvenFacts {
    private struct Sight: Hashable {
        var device: UInt64
        var inode: UInt64
        var kind: PathFacts.Kind
        var owner: UInt32
        var group: UInt32
        var mode: UInt32
        var filesystem: UInt64
        var path: [UInt8]

        init(_ facts: PathFacts) {
            (device, inode, kind) = (facts.device, facts.inode, facts.kind)
            (owner, group, mode) = (facts.owner, facts.group, facts.mode)
            (filesystem, path) = (facts.filesystem, Array(facts.resolved.utf8))
        }
    }

    private var sights: Set<Sight> = []
    /// Also that nothing came which is open for more than being named.
    private var areAllPaths = true

    init(_ descriptors: borrowing DescriptorList) {
        for index in 0..<descriptors.count {
            guard let descriptor = descriptors.peek(index), let facts = Self.facts(of: descriptor) else {
                areAllPaths = false
                continue
            }
            sights.insert(Sight(facts))
        }
    }

    /// The path is the kernel's own (proc(5), /proc/self/fd); reading that link opens nothing.
    private static func facts(of descriptor: BorrowedDescriptor) -> PathFacts? {
        guard let flags = try? descriptor.statusFlags(), flags.contains(.path), let status = try? descriptor.status(),
            let filesystem = try? descriptor.filesystemMagic(),
            let path = try? WorkingDirectory().linkTarget("/proc/self/fd/\(descriptor.number)")
        else { return nil }
        return String(validating: path, as: UTF8.self).map {
            PathFacts(resolved: $0, status: status, links: [], ancestors: [], filesystem: filesystem)
        }
    }

    func holds(of answer: PathAnswer) -> Bool {
        let found = answer.findings.compactMap { finding in
            if case .found(let facts) = finding { facts } else { nil }
        }
        let facts = found + answer.chain.map(\.facts) + answer.executeChain.map(\.facts)
        return areAllPaths && facts.allSatisfy { sights.contains(Sight($0)) }
    }
}
