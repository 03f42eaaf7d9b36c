/// What limits the processes of a cgroup together (cgroups(7)), by its name in cgroup.controllers and /proc/PID/cgroup.
public enum Controller: String, Sendable, Hashable, CaseIterable {
    case tasks = "pids"
    case memory
    case cpu

    /// The row of a host profile that says whether it works.
    public var mechanism: Mechanism {
        switch self {
        case .tasks: .tasksController
        case .memory: .memoryController
        case .cpu: .cpuController
        }
    }
}

extension ResourceLimits {
    /// What a controller is to hold; `nil`: no limit.
    public subscript(controller: Controller) -> Int? {
        switch controller {
        case .tasks: tasks
        case .memory: memory
        case .cpu: cpu
        }
    }

    /// Those that something is limited by, in order.
    public var controllers: [Controller] { Controller.allCases.filter { self[$0] != nil } }
}
