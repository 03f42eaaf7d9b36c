import Glibc
import KernelPlan

/// A file of a cgroup that holds a limit, and what stands in it: written, and read back before the server is released.
struct LimitFile: Sendable, Hashable {
    var name: String
    var value: String

    /// In the order in which they are written: memory with swap may not be less than memory alone.
    static func files(_ controller: Controller, limit: Int, isLegacy: Bool) -> [LimitFile] {
        switch controller {
        case .tasks: [LimitFile(name: "pids.max", value: "\(min(limit, mostTasks))")]
        case .memory: memory(wholePages(limit), isLegacy: isLegacy)
        case .cpu: cpu(quota: min(limit, mostPercent) * period / 100, isLegacy: isLegacy)
        }
    }

    private static func memory(_ bytes: Int, isLegacy: Bool) -> [LimitFile] {
        isLegacy
            ? [
                LimitFile(name: "memory.limit_in_bytes", value: "\(bytes)"),
                LimitFile(name: "memory.memsw.limit_in_bytes", value: "\(bytes)"),
            ]
            : [LimitFile(name: "memory.max", value: "\(bytes)"), LimitFile(name: "memory.swap.max", value: "0")]
    }

    private static func cpu(quota: Int, isLegacy: Bool) -> [LimitFile] {
        isLegacy
            ? [LimitFile(name: "cpu.cfs_period_us", value: "\(period)"), LimitFile(name: "cpu.cfs_quota_us", value: "\(quota)")]
            : [LimitFile(name: "cpu.max", value: "\(quota) \(period)")]
    }

    /// Microseconds.
    private static let period = 100_000
    /// PID_MAX_LIMIT (Linux): no host has more, and pids.max takes no more.
    private static let mostTasks = 4_194_304
    /// More than any host has (NR_CPUS is at most 8,192): as good as no limit, and within what cpu.max takes.
    private static let mostPercent = 1_000_000

    /// Memory is charged by pages: what is left of a limit below a page holds nothing.
    private static func wholePages(_ bytes: Int) -> Int { bytes - bytes % sysconf(Int32(_SC_PAGESIZE)) }
}
