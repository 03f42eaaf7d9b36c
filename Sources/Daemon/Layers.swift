import Descriptors

/// Documents of the host's administrator that tighten every policy. This version does not read them, and a host that has one is not served:
/// ignoring it would permit more than was written.
enum Layers {
    static let directory = "/etc/sandboxd/layers"

    /// Throws when there is one, or when nobody can tell.
    static func requireNone(in path: String = directory) throws(DaemonFailure) {
        let names: [[UInt8]]
        do throws(Errno) { names = try WorkingDirectory().open(path, .directory).names() } catch {
            if error == .noEntry { return }
            throw .layersUnreadable(path, error)
        }
        guard let first = names.first(where: isLayer) else { return }
        throw .layers(path + "/" + String(decoding: first, as: UTF8.self))
    }

    private static func isLayer(_ name: [UInt8]) -> Bool {
        [".yaml", ".yml"].contains { name.reversed().starts(with: $0.utf8.reversed()) }
    }
}
