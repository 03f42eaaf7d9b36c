import CKernel
public import Descriptors
public import KernelPlan

/// A ruleset as the kernel holds it, ready to be entered by a child.
public enum LandlockRuleset {
    /// Makes it from the plan. `open` gives, for each path rule, a descriptor of that very inode (O_PATH); it is compared with the plan.
    public static func make(
        _ plan: LandlockPlan, open: (LandlockPathRule) throws(Errno) -> BorrowedDescriptor
    ) throws(LaunchFailure) -> OwnedDescriptor {
        let network: UInt64 = plan.connectPorts == nil ? 0 : UInt64(CK_NET_CONNECT_TCP)
        let scopes = plan.scopes.rawValue
        let ruleset = try LaunchStep.makeRuleset.run { () throws(Errno) in
            try descriptor(ck_landlock_create_ruleset(plan.handledFiles.rawValue, network, scopes))
        }
        for rule in plan.paths { try add(rule, to: ruleset, open) }
        for port in plan.connectPorts ?? [] {
            try LaunchStep.makeRuleset.run("port \(port)") { () throws(Errno) in
                try check(ck_landlock_add_port(ruleset.number, port, UInt64(CK_NET_CONNECT_TCP)))
            }
        }
        return ruleset
    }

    private static func add(
        _ rule: LandlockPathRule, to ruleset: borrowing OwnedDescriptor, _ open: (LandlockPathRule) throws(Errno) -> BorrowedDescriptor
    ) throws(LaunchFailure) {
        let number = ruleset.number
        let status = try LaunchStep.makeRuleset.run(rule.path) { () throws(Errno) in
            let path = try open(rule)
            let status = try path.knownStatus().status
            try check(ck_landlock_add_path(number, path.number, rule.rights.rawValue))
            return status
        }
        guard status.device == rule.device, status.inode == rule.inode else {
            throw LaunchFailure(.makeRuleset, nil, "\(rule.path) is no longer what it was when the policy was compiled")
        }
        // Looked at once more on the very inode: what is written here would be written there.
        if rule.rights.contains(.writeFile), status.isRegularFile, status.links != 1 {
            throw LaunchFailure(.makeRuleset, nil, "\(rule.path) has \(status.links) links; a file that is written may have one")
        }
    }
}

/// A shim's answer as a descriptor.
func descriptor(_ result: Int32) throws(Errno) -> OwnedDescriptor {
    guard result >= 0 else { throw Errno(code: -result) }
    return OwnedDescriptor(owning: result)
}

/// A shim's answer that is 0 or more, or -errno.
func check(_ result: Int32) throws(Errno) {
    guard result >= 0 else { throw Errno(code: -result) }
}
