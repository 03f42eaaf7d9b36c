import Descriptors
import Glibc
import PathFinding
import Policy
import TestSupport
import Testing

@Suite("What starts a command")
struct ExecutableChainTests {
    private let scratch = Scratch()

    private func chain(_ path: String) throws(Refusal) -> [ExecutableChain.Link] {
        var descriptors = DescriptorList()
        return try ExecutableChain.of(path, keeping: &descriptors).links
    }

    private func problem(_ path: String) -> Reason? {
        do {
            _ = try chain(path)
            return nil
        } catch { return error.reasons.first }
    }

    private func script(_ name: String, _ line: String, mode: mode_t = 0o755) -> String { scratch.file(name, Array(line.utf8), mode: mode) }

    @Test("a dynamic program names its loader")
    func program() throws {
        let links = try chain("/bin/sh")
        #expect(links.map(\.role) == [.command, .loader])
        #expect(links[0].facts.kind == .file)
        #expect(links[1].facts.resolved.hasPrefix("/") && links[1].facts.resolved.contains("ld-"))
        var descriptors = DescriptorList()
        _ = try ExecutableChain.of("/bin/sh", keeping: &descriptors)
        #expect(descriptors.count == 2)
        let loader = descriptors.peek(1)
        #expect(try loader?.status().inode == links[1].facts.inode)
    }

    @Test("a script names its interpreter, and that one its loader")
    func scripts() throws {
        let path = script("s", "#! \t/bin/sh  -e -u \t\necho\n")
        let links = try chain(path)
        #expect(links.map(\.role) == [.command, .interpreter, .loader])
        let outer = script("outer", "#!\(path)")
        #expect(try chain(outer).map(\.role) == [.command, .interpreter, .interpreter, .loader])
    }

    @Test("links on the way to an interpreter are told")
    func links() throws {
        let link = scratch.link("python", to: "/bin/sh")
        let found = try chain(script("s", "#!\(link)\n"))
        #expect(found[1].facts.links.first?.path == link)
    }

    @Test(
        "what the kernel would not start is refused as the kernel refuses it",
        arguments: [
            ("missing", "", false, "ENOENT"), ("empty", "", true, "ENOEXEC"), ("text", "echo\n", true, "ENOEXEC"),
            ("bare", "#!\n", true, "ENOEXEC"),
            ("gone", "#!/nowhere/sh\n", true, "ENOENT"), ("relative", "#!sh\n", true, "ENOENT"), ("folder", "#!/tmp\n", true, "EACCES"),
            ("long", "#!/" + String(repeating: "x", count: 300) + "\n", true, "ENOEXEC"), ("elf", "\u{7F}ELF", true, "ENOEXEC"),
            ("self", "#!SELF\n", true, "ELOOP"),
        ])
    func refused(name: String, content: String, isThere: Bool, error: String) {
        if name != "missing" { _ = script(name, content.replacing("SELF", with: scratch[name])) }
        let found = problem(scratch[name])
        #expect(found?.code == (isThere ? .commandNotExecutable : .commandNotFound))
        #expect(found?.facts["command"] == scratch[name])
        if isThere { #expect(found?.facts["error"] == error) }
    }

    @Test("a file without permission to execute is there and cannot be executed")
    func permission() {
        let plain = script("plain", "#!/bin/sh\n", mode: 0o644)
        let outer = script("outer", "#!\(plain)\n")
        #expect(problem(plain) == Reason(.commandNotExecutable, ["command": plain, "error": "EACCES", "component": plain]))
        #expect(problem(outer) == Reason(.commandNotExecutable, ["command": outer, "error": "EACCES", "component": plain]))
        #expect(problem(scratch.directory("d"))?.facts["error"] == "EACCES")
    }

    @Test("no bytes of a program make the reader fail otherwise than by a reason")
    func random() throws {
        var generator = SeededGenerator(seed: 0xE1F)
        let shell = try WorkingDirectory().open("/bin/sh").bytes(at: 0, count: 4_096)
        for round in 0..<300 {
            var bytes = shell
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: 0..<(round % 2 == 0 ? 128 : 1_024), using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...4_090, using: &generator))
            let path = scratch.file("r\(round)", bytes, mode: 0o755)
            if let found = problem(path) { #expect(found.code == .commandNotExecutable, "seed E1F, round \(round)") }
        }
    }
}
