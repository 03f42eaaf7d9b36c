public import Descriptors
public import KernelPlan

/// Where the controllers of this host are, as seen from the daemon's own cgroups.
public struct Controllers: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// cgroup2 has it, and gives it to what is made below the daemon's own cgroup.
        case unified
        /// An old hierarchy has it (hybrid hosts); the directory of the daemon's own cgroup there.
        case legacy(directory: String)
        case absent(String)
    }

    private var places: [Controller: Place]

    public init(_ places: [Controller: Place] = [:]) { self.places = places }

    public subscript(controller: Controller) -> Place {
        get { places[controller] ?? .absent("needs a cgroup of its own") }
        set { places[controller] = newValue }
    }

    /// Reads where they are, and nothing else; old hierarchies are root's. Those of cgroup2 are there once `UnifiedControllers` has enabled them.
    public static func find(enabled: UnifiedControllers?, canUseLegacy: Bool = true) throws(Errno) -> Controllers {
        let mounts = try CgroupTree.text(of: "/proc/self/mountinfo") ?? ""
        let cgroups = try CgroupTree.text(of: "/proc/self/cgroup") ?? ""
        var found = Controllers()
        for controller in Controller.allCases {
            found[controller] =
                enabled?[controller] ?? (canUseLegacy ? legacy(controller, mounts: mounts, cgroups: cgroups) : nil)
                ?? .absent("not given to sandboxd's own cgroup")
        }
        return found
    }

    /// The daemon's own cgroup in the hierarchy of the old kind that has the controller.
    static func legacy(_ controller: Controller, mounts: String, cgroups: String) -> Place? {
        guard let own = ownPath(controller, in: cgroups) else { return nil }
        for mount in CgroupTree.mounts(of: "cgroup", in: mounts) where mount.options.contains(Substring(controller.rawValue)) {
            guard let below = CgroupTree.below(mount.root, own) else { continue }
            return .legacy(directory: below == "/" ? mount.point : mount.point + below)
        }
        return .absent("its hierarchy is not mounted")
    }

    /// `N:CONTROLLER,…:PATH`; cgroup2's own line names no controllers.
    private static func ownPath(_ controller: Controller, in cgroups: String) -> String? {
        for line in cgroups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1].split(separator: ",").contains(Substring(controller.rawValue)) else { continue }
            return String(fields[2])
        }
        return nil
    }
}
