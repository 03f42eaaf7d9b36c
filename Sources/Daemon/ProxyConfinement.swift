import Descriptors
import Kernel
import KernelPlan
import Policy

/// What holds the name proxy itself: its own binary may be executed, what its resolver draws random numbers from be read, and nothing else. Where it
/// connects to, only it knows.
enum ProxyConfinement {
    static let randomness = "/dev/urandom"

    /// The ruleset. `proxy` is the binary, O_PATH.
    static func ruleset(_ proxy: borrowing OwnedDescriptor, host: HostProfile) throws(LaunchFailure) -> OwnedDescriptor {
        let program = proxy.borrowed
        let random = try LaunchStep.makeRuleset.run(randomness) { () throws(Errno) in
            try WorkingDirectory().open(randomness, [.path, .noFollow])
        }
        let device = random.borrowed
        let rules = [
            try rule("sandbox-proxy", program, [.execute, .readFile]), try rule(randomness, device, [.readFile]),
        ]
        let plan = LandlockPlan(
            abi: host.landlockABI, handledFiles: .handled(byABI: host.landlockABI), paths: rules, connectPorts: nil,
            scopes: host.has(.landlockScopes) ? [.abstractSockets, .signals] : [])
        return try LandlockRuleset.make(plan) { asked throws(Errno) in asked == rules[0] ? program : device }
    }

    private static func rule(_ path: String, _ file: BorrowedDescriptor, _ rights: FileRights) throws(LaunchFailure) -> LandlockPathRule {
        let status = try LaunchStep.makeRuleset.run(path) { () throws(Errno) in try file.status() }
        return LandlockPathRule(path: path, device: status.device, inode: status.inode, rights: rights)
    }
}
