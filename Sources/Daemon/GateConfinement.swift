import Descriptors
import Kernel
import KernelPlan
import Policy

/// What holds the gate itself: its own binary, the loader and the libraries, and nothing else.
enum GateConfinement {
    /// The ruleset, made from what lies on this host. `gate` is the binary, O_PATH.
    static func ruleset(_ gate: borrowing OwnedDescriptor, host: HostProfile) throws(LaunchFailure) -> OwnedDescriptor {
        var opened = DescriptorList()
        var rules: [LandlockPathRule] = []
        func add(_ path: String, _ descriptor: consuming OwnedDescriptor, _ rights: FileRights) throws(Errno) {
            let status = try descriptor.status()
            let limited = status.isDirectory ? rights : rights.intersection(.onFiles)
            rules.append(LandlockPathRule(path: path, device: status.device, inode: status.inode, rights: limited))
            opened.append(descriptor)
        }
        try LaunchStep.makeRuleset.run("the gate") { () throws(Errno) in
            try add("sandbox-gate", OwnedDescriptor(owning: try gate.duplicate().release()), [.execute, .readFile])
            for path in libraries {
                guard let library = try? WorkingDirectory().open(path, .path) else { continue }
                try add(path, library, [.readFile, .readDirectory])
            }
            try add(loader, try WorkingDirectory().open(loader, .path), [.execute, .readFile])
        }
        let plan = LandlockPlan(
            abi: host.landlockABI, handledFiles: .handled(byABI: host.landlockABI), paths: rules,
            connectPorts: host.has(.landlockTCP) ? [] : nil,
            scopes: host.has(.landlockScopes) ? [.abstractSockets, .signals] : [])
        return try LandlockRuleset.make(plan) { rule throws(Errno) in
            guard let index = rules.firstIndex(of: rule), let descriptor = opened.peek(index) else { throw .noEntry }
            return descriptor
        }
    }

    /// Where the loader looks; those that are not there are not needed.
    private static let libraries = ["/etc/ld.so.cache", "/usr/lib", "/lib", "/lib64", "/usr/lib64"]

    #if arch(x86_64)
        private static let loader = "/lib64/ld-linux-x86-64.so.2"
    #elseif arch(arm64)
        private static let loader = "/lib/ld-linux-aarch64.so.1"
    #endif
}
