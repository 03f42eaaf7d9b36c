public import Descriptors
public import KernelPlan

/// What holds the limits of one session: files of its server's leaf where cgroup2 has the controller, else of a cgroup of the session's own in the old
/// hierarchy, which the server's process enters itself.
public struct ServerLimits: Sendable, Hashable {
    /// By controller, the cgroup that holds it.
    public let directories: [Controller: String]
    /// Those that are not the server's leaf: made and removed here. Two controllers may share a hierarchy.
    private let own: [String]
    /// What is asked; nothing where only the directories are known.
    private let limits: ResourceLimits

    /// For a new session. Throws at the step that would make them, where a controller is not there.
    public init(_ limits: ResourceLimits, session: String, scope: SessionScope, _ controllers: Controllers) throws(LaunchFailure) {
        let all = Self.directories(session: session, scope: scope, controllers)
        for controller in limits.controllers {
            guard case .absent(let why) = controllers[controller] else { continue }
            throw LaunchFailure(.makeScope, nil, "the \(controller.rawValue) controller: \(why)")
        }
        self.init(limits, all.filter { limits[$0.key] != nil }, scope)
    }

    /// Where the limits of a session are, for each controller that is there.
    public static func directories(session: String, scope: SessionScope, _ controllers: Controllers) -> [Controller: String] {
        var directories: [Controller: String] = [:]
        for controller in Controller.allCases {
            switch controllers[controller] {
            case .unified: directories[controller] = scope.path(of: .server)
            case .legacy(let parent): directories[controller] = parent + "/" + SessionScope.prefix + session
            case .absent: continue
            }
        }
        return directories
    }

    /// For a session that an earlier daemon made.
    public init(directories: [Controller: String], scope: SessionScope) { self.init(ResourceLimits(), directories, scope) }

    private init(_ limits: ResourceLimits, _ directories: [Controller: String], _ scope: SessionScope) {
        self.limits = limits
        self.directories = directories
        let leaf = scope.path(of: .server)
        own = Set(directories.values).filter { $0 != leaf }.sorted()
    }

    private func isLegacy(_ controller: Controller) -> Bool { directories[controller].map(own.contains) ?? false }

    private var files: [(path: String, value: String)] {
        limits.controllers.flatMap { controller in
            let directory = directories[controller] ?? ""
            return LimitFile.files(controller, limit: limits[controller] ?? 0, isLegacy: isLegacy(controller))
                .map { (directory + "/" + $0.name, $0.value) }
        }
    }

    // MARK: Making

    /// Makes what is missing and writes the limits, before any process is there. What was made is removed again when a step fails.
    public func make(in scope: SessionScope) throws(LaunchFailure) {
        do throws(LaunchFailure) {
            let unified = limits.controllers.filter { !isLegacy($0) }
            try LaunchStep.makeScope.run("controllers of the scope") { () throws(Errno) in try scope.enable(unified) }
            for directory in own {
                try LaunchStep.makeScope.run(directory) { () throws(Errno) in try WorkingDirectory().makeDirectory(directory, mode: 0o755) }
            }
            for file in files {
                try LaunchStep.makeScope.run(file.path) { () throws(Errno) in
                    try WorkingDirectory().open(file.path, .write).writeWhole(file.value)
                }
            }
        } catch {
            remove()
            throw error
        }
    }

    /// Writes lower limits in the place of those that there are, and reads them back. Of memory beyond its new limit the kernel takes back what it
    /// can, and ends processes of the session for the rest; from Linux 6.16 on it does so when the next memory is asked for, so that nobody here
    /// waits for it.
    public func lower(to less: ResourceLimits) throws(LaunchFailure) {
        for controller in less.controllers {
            guard let directory = directories[controller], let limit = less[controller] else {
                throw LaunchFailure(.makeScope, .noEntry, "the limit of \(controller.rawValue)")
            }
            for file in LimitFile.files(controller, limit: limit, isLegacy: isLegacy(controller)) {
                let path = directory + "/" + file.name
                let found = try LaunchStep.makeScope.run(path) { () throws(Errno) in
                    try WorkingDirectory().open(path, [.write, .nonBlocking]).writeWhole(file.value)
                    return try Self.line(of: path)
                }
                guard found == file.value else { throw LaunchFailure(.makeScope, nil, "\(path) is `\(found)`") }
            }
        }
    }

    /// cgroup.procs of what the server's process must enter itself, for writing.
    public func entries() throws(Errno) -> DescriptorList {
        var entries = DescriptorList()
        for directory in own { entries.append(try WorkingDirectory().open(directory + "/cgroup.procs", .write)) }
        return entries
    }

    // MARK: Checking

    /// What is not as it must be before this process may be released, or `nil`: each limit stands as it was written, and the process is the one in there.
    public func objection(to process: Int32) throws(Errno) -> String? {
        for file in files {
            let found = try Self.line(of: file.path)
            if found != file.value { return "\(file.path) is `\(found)`, not `\(file.value)`" }
        }
        for directory in own {
            let found = try Self.line(of: directory + "/cgroup.procs")
            if found != "\(process)" { return "processes of \(directory) are `\(found)`, not `\(process)`" }
        }
        return nil
    }

    private static func line(of path: String) throws(Errno) -> String {
        let text = try CgroupTree.text(of: path) ?? ""
        return text.split(separator: "\n").joined(separator: " ")
    }

    // MARK: The end

    /// How often each limit was reached until now.
    public func reached() -> LimitsReached {
        var reached = LimitsReached()
        if let directory = directories[.tasks] { reached.tasks = Self.count("max", in: directory + "/pids.events") }
        if let directory = directories[.memory] {
            reached.memory = Self.count("oom_kill", in: directory + (isLegacy(.memory) ? "/memory.oom_control" : "/memory.events"))
        }
        if let directory = directories[.cpu] { reached.cpu = Self.count("nr_throttled", in: directory + "/cpu.stat") }
        return reached
    }

    /// The number in a line `NAME NUMBER`; 0 where there is none.
    private static func count(_ name: String, in path: String) -> Int {
        let text = (try? CgroupTree.text(of: path)) ?? ""
        let line = text.split(separator: "\n").map { $0.split(separator: " ") }.first {
            $0.count == 2 && $0[0].utf8.elementsEqual(name.utf8)
        }
        return line.flatMap { Int($0[1]) } ?? 0
    }

    /// rmdir(2) of what was made in old hierarchies; all processes are dead. The scope removes its leaves itself.
    public func remove() {
        for directory in own { try? WorkingDirectory().removeDirectory(directory) }
    }
}
