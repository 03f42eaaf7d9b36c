import Descriptors
import KernelPlan

/// The controllers that cgroup2 has for the daemon's own cgroup, enabled for what is made below it.
///
/// A cgroup with processes of its own cannot give controllers to others below it (cgroups(7), "no internal processes"); the daemon then moves itself into
/// a leaf of its own cgroup, as delegation permits, and moves nobody else. Out of another cgroup it moves nobody at all.
public struct UnifiedControllers: Sendable, Hashable {
    private let tree: CgroupTree
    private var places: [Controller: Controllers.Place] = [:]
    /// What this daemon enabled, and takes back at its end.
    private var enabledHere: [Controller] = []
    private var hasMoved = false

    subscript(controller: Controller) -> Controllers.Place? { places[controller] }

    /// Enables what is there. What cannot be enabled is absent, with its reason.
    public static func enable(in tree: CgroupTree) -> UnifiedControllers {
        var enabled = UnifiedControllers(tree: tree)
        enabled.enableAll()
        return enabled
    }

    private init(tree: CgroupTree) { self.tree = tree }

    private mutating func enableAll() {
        guard let available = try? tree.controllers("cgroup.controllers"), let given = try? tree.controllers("cgroup.subtree_control")
        else { return }
        let missing = Controller.allCases.filter { available.contains($0) && !given.contains($0) }
        for controller in available where given.contains(controller) { places[controller] = .unified }
        guard !missing.isEmpty else { return }
        do throws(Errno) {
            try makeRoom()
        } catch {
            for controller in missing { places[controller] = .absent(Self.reason(error)) }
            return moveBack()
        }
        for controller in missing { places[controller] = enable(controller) }
        if enabledHere.isEmpty { moveBack() }
    }

    private static func reason(_ error: Errno) -> String {
        error == .busy
            ? "other processes live in sandboxd's own cgroup, or in the one of --scopes"
            : "\(error.name) when enabled below sandboxd's own cgroup"
    }

    /// Nobody may be in there. The kernel would say so of memory; of the others it would make a tree of threads, which no process can be born into.
    private mutating func makeRoom() throws(Errno) {
        guard tree.own != "/" else { return }
        if tree.isOwn { try moveIntoLeaf() }
        let left = try CgroupTree.text(of: tree.directory + "/cgroup.procs") ?? ""
        guard left.isEmpty else { throw .busy }
    }

    private mutating func enable(_ controller: Controller) -> Controllers.Place {
        do throws(Errno) {
            try write("+\(controller.rawValue)", to: "cgroup.subtree_control")
            enabledHere.append(controller)
            return .unified
        } catch {
            return .absent(Self.reason(error))
        }
    }

    private mutating func moveIntoLeaf() throws(Errno) {
        hasMoved = true
        try tree.enter(leaf: CgroupTree.daemonLeaf)
    }

    private mutating func moveBack() {
        guard hasMoved else { return }
        try? write("0", to: "cgroup.procs")
        try? WorkingDirectory().removeDirectory(leaf)
        hasMoved = false
    }

    /// Leaves the daemon's cgroup as it was found, as far as no session is left that needs it.
    public mutating func giveBack() {
        for controller in enabledHere { try? write("-\(controller.rawValue)", to: "cgroup.subtree_control") }
        enabledHere = []
        moveBack()
    }

    private var leaf: String { tree.directory + "/" + CgroupTree.daemonLeaf }

    private func write(_ text: String, to file: String) throws(Errno) {
        try WorkingDirectory().open(tree.directory + "/" + file, .write).writeWhole(text)
    }
}

extension CgroupTree {
    /// Those of a file that lists controllers, in the daemon's own cgroup.
    fileprivate func controllers(_ file: String) throws(Errno) -> [Controller] {
        let text = try Self.text(of: directory + "/" + file) ?? ""
        return text.split { $0 == " " || $0 == "\n" }.compactMap { Controller(rawValue: String($0)) }
    }
}
