import Descriptors

/// Private homes: each lives as long as its session.
enum Homes {
    /// Removes a directory with all beneath it, without following a link: its owner may have put anything there. What is not there is fine.
    static func remove(_ path: String) {
        guard let home = try? WorkingDirectory().open(path, [.read, .directory, .noFollow]) else { return }
        empty(home, depth: 0)
        try? WorkingDirectory().removeDirectory(path)
    }

    /// Deeper trees are left for whoever looks at the state directory; the session is over, so nobody makes them any deeper.
    private static let depthLimit = 200

    private static func empty(_ directory: borrowing OwnedDescriptor, depth: Int) {
        guard depth < depthLimit, let names = try? directory.names() else { return }
        for name in names {
            if (try? directory.unlink(name)) != nil { continue }
            guard let child = try? directory.open(name, [.read, .directory, .noFollow]) else { continue }
            empty(child, depth: depth + 1)
            try? directory.removeDirectory(name)
        }
    }
}
