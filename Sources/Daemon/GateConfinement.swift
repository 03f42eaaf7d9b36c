import Descriptors
import Kernel
import KernelPlan
import Policy

/// What holds the gate itself: its own binary may be executed, and nothing else be read. It needs neither loader nor libraries.
enum GateConfinement {
    /// The ruleset. `gate` is the binary, O_PATH.
    static func ruleset(_ gate: borrowing OwnedDescriptor, host: HostProfile) throws(LaunchFailure) -> OwnedDescriptor {
        let status = try LaunchStep.makeRuleset.run("the gate") { () throws(Errno) in try gate.status() }
        let rule = LandlockPathRule(path: "sandbox-gate", device: status.device, inode: status.inode, rights: [.execute, .readFile])
        let plan = LandlockPlan(
            abi: host.landlockABI, handledFiles: .handled(byABI: host.landlockABI), paths: [rule],
            connectPorts: host.has(.landlockTCP) ? [] : nil,
            scopes: host.has(.landlockScopes) ? [.abstractSockets, .signals] : [])
        let descriptor = gate.borrowed
        return try LandlockRuleset.make(plan) { _ throws(Errno) in descriptor }
    }
}
