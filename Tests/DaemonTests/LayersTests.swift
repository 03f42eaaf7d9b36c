import Descriptors
import Glibc
import Testing

@testable import Daemon

@Suite("Layers")
struct LayersTests {
    private let directory: String

    init() {
        var template = Array("/tmp/sandboxd-layers-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
    }

    @Test("a host with a layer is not served, since layers are not enforced yet", arguments: ["acme.yaml", "acme.yml"])
    func refused(name: String) {
        defer { Homes.remove(directory) }
        _ = creat("\(directory)/\(name)", 0o600)
        #expect(throws: DaemonFailure.layers("\(directory)/\(name)")) { try Layers.requireNone(in: directory) }
    }

    @Test("a host without layers is served, whether or not it has a place for them")
    func served() throws {
        defer { Homes.remove(directory) }
        _ = creat("\(directory)/README", 0o600)
        try Layers.requireNone(in: directory)
        try Layers.requireNone(in: "\(directory)/none")
    }

    @Test("where nobody can tell whether there are layers, nobody is served")
    func unknown() {
        defer { Homes.remove(directory) }
        _ = creat("\(directory)/file", 0o600)
        #expect(throws: DaemonFailure.layersUnreadable("\(directory)/file", .notDirectory)) {
            try Layers.requireNone(in: "\(directory)/file")
        }
    }
}
