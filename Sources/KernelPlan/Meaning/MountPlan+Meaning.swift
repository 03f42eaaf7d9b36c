extension MountPlan {
    /// What a mount makes of an act on files, whatever else permits it.
    func permits(_ act: Operation.FileAct, _ path: String) -> Bool {
        if hasOwnProc, path.isBeneath("/proc"), !shows(path) { return false }
        if act.isReading { return true }
        if isReadOnly(path) { return false }
        // A mount point cannot be removed.
        return !(act == .remove || act == .removeDirectory) || !isPoint(path)
    }

    func isReadOnly(_ path: String) -> Bool { readOnly.contains { path.isBeneath($0) } }

    /// rename(2) and link(2) know no way from one mount to another, and leave mount points where they are.
    func permitsMove(_ from: String, _ to: String) -> Bool {
        if isPoint(from) || isPoint(to) || isReadOnly(from) || isReadOnly(to) { return false }
        return mount(of: from.directory) == mount(of: to.directory)
    }

    private var points: [String] { (lent?.places ?? []).map(\.path) + readOnly + pinned + temporary + (hasOwnProc ? ["/proc"] : []) }

    private func isPoint(_ path: String) -> Bool { points.contains { $0.utf8.elementsEqual(path.utf8) } }

    private func mount(of path: String) -> String? {
        points.filter { path.isBeneath($0) }.max { $0.utf8.count < $1.utf8.count }
    }

    /// A /proc of the session's own (subset=pid, hidepid=ptraceable): its own processes.
    private func shows(_ path: String) -> Bool {
        path.utf8.elementsEqual("/proc".utf8) || path.isBeneath("/proc/self") || path.isBeneath("/proc/thread-self")
    }
}
