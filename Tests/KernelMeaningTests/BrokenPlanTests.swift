import Foundation
import KernelPlan
import Testing

@testable import KernelMeaning

/// A comparison that cannot fail proves nothing: plans that are applied otherwise than they were made must be found out.
@Suite("a plan that is not applied as it was made", .enabled(if: getuid() == 0, "needs root: cgroups, programs, other uids"), .serialized)
struct BrokenPlanTests {
    /// How many cases may pass before a breach is seen.
    static let patience = 60

    struct Breach: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// `nil` where it would change nothing.
        var apply: @Sendable (KernelPlan) -> KernelPlan?

        init(_ name: String, _ apply: @escaping @Sendable (KernelPlan) -> KernelPlan?) {
            testDescription = name
            self.apply = apply
        }

        /// Without one group of the filter.
        static func without(_ group: String) -> Breach {
            Breach("without `\(group)`") { plan in
                var plan = plan
                let count = plan.seccomp.groups.count
                plan.seccomp.groups.removeAll { $0.name == group }
                if group == "files.execute: none" { plan.launchesOnce = false }
                return plan.seccomp.groups.count == count ? nil : plan
            }
        }
    }

    static let breaches: [Breach] = [
        .without("other ways into the kernel"), .without("namespaces and mounts"), .without("other processes"),
        .without("the kernel itself"),
        .without("what filesystems do by ioctl"), .without("messages and memory shared by key"),
        .without("TCP that is not plain TCP"), .without("packets that go elsewhere than connect(2) was told"),
        .without("sockets: TCP only"), .without("ingress.tcp: none"), .without("files.metadata: none"), .without("processes.spawn: none"),
        .without("files.execute: none"),
        Breach("without any hook") { plan in
            guard plan.cgroup != nil else { return nil }
            var plan = plan
            plan.cgroup = nil
            return plan
        },
        Breach("with hooks that permit nothing") { plan in
            guard plan.cgroup != nil else { return nil }
            var plan = plan
            plan.cgroup?.tcp = .none
            return plan
        },
        Breach("without the filter of who comes in") { plan in
            guard let cgroup = plan.cgroup, cgroup.hooks.contains(.ingress), cgroup.own != .none else { return nil }
            return plan.without([.ingress])
        },
        Breach("with datagrams from everywhere") { plan in
            guard case .list = plan.cgroup?.udp, let cgroup = plan.cgroup, cgroup.own == .none else { return nil }
            return plan.without([.ingress])
        },
        Breach("without the hooks of bind") { plan in
            guard plan.cgroup?.hooks.contains(.bind4) == true else { return nil }
            return plan.without([.bind4, .bind6])
        },
        Breach("without the hooks of connect") { plan in
            guard plan.cgroup?.hooks.contains(.connect4) == true else { return nil }
            var plan = plan.without([.connect4, .connect6])
            plan.landlock.connectPorts = nil
            return plan
        },
        Breach("with datagrams to everywhere") { plan in
            guard case .list = plan.cgroup?.udp else { return nil }
            var plan = plan
            plan.cgroup?.udp = .any
            return plan
        },
        Breach("with datagrams to nowhere") { plan in
            guard let udp = plan.cgroup?.udp, udp != .none else { return nil }
            var plan = plan
            plan.cgroup?.udp = .none
            return plan
        },
        Breach("with each port one too high") { plan in
            guard case .list(var table) = plan.cgroup?.tcp, !table.entries.isEmpty else { return nil }
            for index in table.entries.indices { table.entries[index].port = table.entries[index].port.map { $0 &+ 1 } }
            var plan = plan
            plan.cgroup?.tcp = .list(table)
            plan.landlock.connectPorts = nil
            return plan
        },
        Breach("with networks that are one bit too wide") { plan in
            guard case .list(var table) = plan.cgroup?.tcp, table.regions.contains(where: { $0.prefix > 0 }) else { return nil }
            for index in table.regions.indices where table.regions[index].prefix > 0 {
                let bit = table.regions[index].prefix - 1
                table.regions[index].prefix = bit
                table.regions[index].address[bit / 8] &= ~(0x80 >> UInt8(bit % 8))
            }
            var plan = plan
            plan.cgroup?.tcp = .list(table)
            return plan
        },
        Breach("without Landlock's scopes") { plan in
            var plan = plan
            plan.landlock.scopes = []
            return plan
        },
        Breach("without the right to truncate being asked for") { plan in
            var plan = plan
            plan.landlock.handledFiles.remove(.truncate)
            for index in plan.landlock.paths.indices { plan.landlock.paths[index].rights.remove(.truncate) }
            return plan
        },
        Breach("with every file that is granted writable") { plan in
            var plan = plan
            for index in plan.landlock.paths.indices where plan.landlock.paths[index].rights.contains(.readFile) {
                plan.landlock.paths[index].rights.insert(.writeFile)
            }
            return plan
        },
        Breach("without the last directory that was granted") { plan in
            guard let last = plan.landlock.paths.lastIndex(where: { $0.rights.contains(.readDirectory) }) else { return nil }
            var plan = plan
            plan.landlock.paths.remove(at: last)
            return plan
        },
    ]

    @Test("is found out", arguments: breaches)
    func isFound(_ breach: Breach) throws {
        let found = try Stage.perform { stage in
            for index in 0..<Self.patience {
                let (drawn, _) = try Case.draw(seed: 1, index: index, count: KernelMeaningTests.attemptsPerCase, on: stage)
                guard let broken = breach.apply(drawn.plan) else { continue }
                if !(try drawn.compare(on: stage, applying: broken)).differences.isEmpty { return true }
            }
            return false
        }
        #expect(found, "nothing was seen of it in \(Self.patience) cases")
    }
}

extension KernelPlan {
    fileprivate func without(_ hooks: Set<CgroupPlan.Hook>) -> KernelPlan {
        var plan = self
        plan.cgroup?.hooks.removeAll { hooks.contains($0) }
        return plan
    }
}
