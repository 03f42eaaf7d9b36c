import CStage
import Descriptors
import Foundation

/// The files of the universe: directories that a policy may grant, siblings whose names begin alike, and programs; nothing else lies there
/// between two runs but what is in this list.
struct Tree {
    let root: String

    static let directories = ["a", "a/b", "a/b/c", "ab", "d", "d/e"]
    static let programs = ["x/one", "x/two", "xy/three", "a/bin/tool"]
    static let files = ["f/one", "f/two", "f/three"]
    /// Never granted.
    static let neutral = "n"

    func path(_ name: String) -> String { root + "/" + name }

    /// Makes it; programs are copies of `program`.
    func make(program: String) throws {
        let made = Self.directories + ["a/bin", "x", "xy", "f", Self.neutral]
        for directory in made { try makeDirectory(path(directory)) }
        for name in Self.programs {
            try FileManager.default.copyItem(atPath: program, toPath: path(name))
            chmod(path(name), 0o755)
        }
        for name in Self.files { try write("nothing yet", to: path(name)) }
        symlink(path("a"), path("to-a"))
        symlink("d/e", path("to-e"))
    }

    private func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o777)
    }

    /// In place, so that a file that is granted stays the same inode.
    private func write(_ text: String, to path: String) throws {
        let file = try WorkingDirectory().open(path, [.write, .create, .truncate], mode: 0o666)
        try file.writeWhole(text)
        chmod(path, 0o666)
    }

    // MARK: Props

    /// What is returned must stay open as long as it is needed.
    func place(_ prop: Attempt.Prop, nonce: String, owner: UInt32) throws -> LocalReceiver? {
        switch prop {
        case .file(let path): try write(nonce, to: path)
        case .other(let path), .others(let path):
            try write("something else", to: path)
            try age(path)
        case .directory(let path): try makeDirectory(path)
        case .listable(let path):
            try makeDirectory(path)
            try write("", to: path + "/" + nonce)
        case .link(let path, let target): symlink(target, path)
        case .socket(let path): return try LocalReceiver.patiently(isListener: true) { cs_listen_local(path) }
        case .datagramSocket(let path): return try LocalReceiver.patiently(isListener: false) { cs_receive_local_datagrams(path) }
        }
        if let path = prop.ownedPath { lchown(path, owner, owner) }
        return nil
    }

    /// Long ago, so that the time of now is another.
    private func age(_ path: String) throws {
        let then = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
        guard utimes(path, then) == 0 else { throw Unmet(description: "utimes \(path)") }
    }

    /// Removes all that acts and props have left: their names begin with `op`.
    func sweep() { sweep(root) }

    private func sweep(_ directory: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = directory + "/" + name
            if name.hasPrefix("op") {
                try? FileManager.default.removeItem(atPath: path)
            } else if let status = try? WorkingDirectory().status(of: path, followingLinks: false), status.isDirectory {
                sweep(path)
            }
        }
    }
}

extension Attempt.Prop {
    fileprivate var ownedPath: String? {
        switch self {
        case .file(let path), .other(let path), .directory(let path), .listable(let path): path
        case .others, .link, .socket, .datagramSocket: nil
        }
    }
}
