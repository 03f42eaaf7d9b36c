import Descriptors
import Glibc
import Policy
import PolicyText
import Testing

@testable import Daemon

@Suite("Layers of the host")
struct LayersTests {
    private let directory: String

    init() {
        var template = Array("/tmp/sandboxd-layers-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
    }

    private func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        try WorkingDirectory().open("\(directory)/\(name)", [.write, .create]).writeWhole(Array(text.utf8))
        chmod("\(directory)/\(name)", mode)
    }

    private func read(in path: String? = nil, owner: UInt32 = geteuid()) -> [String] {
        do {
            return try Layers.read(in: path ?? directory, owner: owner).map(\.name)
        } catch {
            return error.reasons.all.map { reason in
                let file = (reason.location?.file ?? "").split(separator: "/").last ?? ""
                return "\(reason.code.rawValue) \(file)"
            }
        }
    }

    @Test("documents are read by file name, others left alone; no place for layers is no layer")
    func documents() throws {
        defer { Homes.remove(directory) }
        try write("b.yml", "sandboxd-layer: 1\n")
        try write("a.yaml", "sandboxd-layer: 1\nname: acme\n")
        try write("README", "nothing")
        #expect(read() == ["acme", "b"])
        #expect(read(in: "\(directory)/none") == [])
    }

    @Test("a layer that is refused keeps everything from starting, with every reason")
    func refused() throws {
        defer { Homes.remove(directory) }
        try write("a.yaml", "sandboxd-layer: 1\ninclude: [x]\n")
        try write("b.yaml", "sandboxd-layer: 1\nnonsense: x\n")
        try write("c.yaml", "sandboxd-layer: 1\n")
        #expect(read() == ["R127 a.yaml", "R107 b.yaml"])
    }

    @Test("what others may write is no layer", arguments: [0o664, 0o646] as [mode_t])
    func foreign(mode: mode_t) throws {
        defer { Homes.remove(directory) }
        try write("a.yaml", "sandboxd-layer: 1\n", mode: mode)
        #expect(read() == ["R129 a.yaml"])
        chmod("\(directory)/a.yaml", 0o644)
        #expect(read() == ["a"])
        chmod(directory, 0o777)
        #expect(read() == ["R129 \(directory.split(separator: "/").last ?? "")"])
        chmod(directory, 0o700)
        #expect(read(owner: geteuid() + 1).first?.hasPrefix("R129") == true)
    }

    @Test("what is no file that can be read whole is refused")
    func unreadable() throws {
        defer { Homes.remove(directory) }
        mkdir("\(directory)/a.yaml", 0o755)
        symlink("/dev/null", "\(directory)/b.yaml")
        mkfifo("\(directory)/c.yaml", 0o600)
        try write("d.yaml", String(repeating: "#", count: 300 << 10))
        #expect(read() == ["R101 a.yaml", "R101 b.yaml", "R101 c.yaml"])
        for name in ["a.yaml", "b.yaml", "c.yaml"] { remove("\(directory)/\(name)") }
        #expect(read() == ["R119 d.yaml"])
        #expect(read(in: "\(directory)/d.yaml") == ["R101 d.yaml"])
    }
}
