import Descriptors
import Glibc
import Policy
import PolicyText
import TestSupport
import Testing

@testable import Layers

@Suite("Layers of the host")
struct LayerDirectoryTests {
    private let scratch: ScratchDirectory
    private var directory: String { scratch.path }

    init() throws { scratch = try ScratchDirectory() }

    private func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        try WorkingDirectory().open("\(directory)/\(name)", [.write, .create]).writeWhole(Array(text.utf8))
        chmod("\(directory)/\(name)", mode)
    }

    private func read(in path: String? = nil, owner: UInt32 = geteuid()) -> [String] {
        do {
            return try LayerDirectory(path: path ?? directory, owner: owner).read().map(\.name)
        } catch {
            return error.reasons.all.map { reason in
                let file = (reason.location?.file ?? "").split(separator: "/").last ?? ""
                return "\(reason.code.rawValue) \(file)"
            }
        }
    }

    @Test("documents are read by file name, others left alone; no place for layers is no layer")
    func documents() throws {
        try write("b.yml", "sandboxd-layer: 1\n")
        try write("a.yaml", "sandboxd-layer: 1\nname: acme\n")
        try write("README", "nothing")
        #expect(read() == ["acme", "b"])
        #expect(read(in: "\(directory)/none") == [])
    }

    @Test("a layer that is refused keeps everything from starting, with every reason")
    func refused() throws {
        try write("a.yaml", "sandboxd-layer: 1\ninclude: [x]\n")
        try write("b.yaml", "sandboxd-layer: 1\nnonsense: x\n")
        try write("c.yaml", "sandboxd-layer: 1\n")
        #expect(read() == ["R127 a.yaml", "R107 b.yaml"])
    }

    @Test("two layers of one name cannot be told apart in what names them")
    func duplicate() throws {
        try write("a.yaml", "sandboxd-layer: 1\nname: b\n")
        try write("b.yaml", "sandboxd-layer: 1\n")
        #expect(read() == ["R143 b.yaml"])
    }

    @Test("a directory that was asked for must be there")
    func missing() {
        let reasons = #expect(throws: Refusal.self) { try LayerDirectory(path: "\(directory)/none", owner: nil, isRequired: true).read() }
        #expect(reasons?.reasons.all.map(\.code) == [.unreadable])
    }

    @Test("what holds nobody may be anybody's")
    func anybodys() throws {
        try write("a.yaml", "sandboxd-layer: 1\n", mode: 0o666)
        #expect(try LayerDirectory(path: directory, owner: nil).read().map(\.name) == ["a"])
    }

    @Test("what others may write is no layer", arguments: [0o664, 0o646] as [mode_t])
    func foreign(mode: mode_t) throws {
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
