import ControlProtocol
import Descriptors
import Glibc
import Policy
import Testing

@testable import Commands

/// A directory that goes away with its owner.
private final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/sandboxctl-test-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    func write(_ name: String, _ text: String) throws {
        try WorkingDirectory().open("\(path)/\(name)", [.write, .create, .truncate]).writeWhole(text)
    }

    deinit {
        if let directory = try? WorkingDirectory().open(path, .directory), let names = try? directory.names() {
            for name in names { if (try? directory.unlink(name)) == nil { try? directory.removeDirectory(name) } }
        }
        try? WorkingDirectory().removeDirectory(path)
    }
}

@Suite struct PolicyFinderTests {
    @Test("a name is looked for in the known places, a path only where it points")
    func findsByName() throws {
        let scratch = Scratch()
        try scratch.write("notes.yaml", "sandboxd: 1\n")
        let finder = PolicyFinder(directories: ["/no/such/directory", scratch.path])
        let found = try finder.find("notes")
        #expect(found.text.bytes == Array("sandboxd: 1\n".utf8))
        #expect(found.text.name == "\(scratch.path)/notes.yaml")
        #expect(found.directory == scratch.path)
        #expect(try finder.find("\(scratch.path)/notes.yaml") == found)
        #expect(throws: PolicyLookupFailure.unknownName("other", searched: finder.directories)) { try finder.find("other") }
        #expect(throws: PolicyLookupFailure.unreadable(file: "other.yaml", error: "ENOENT")) { try finder.find("other.yaml") }
        #expect(throws: PolicyLookupFailure.unreadable(file: scratch.path, error: "EISDIR")) { try finder.find(scratch.path) }
    }

    @Test("what a project or a session could have put under a name that is in use is not taken for it")
    func ambiguousNames() throws {
        let (project, user) = (Scratch(), Scratch())
        try user.write("notes.yaml", "sandboxd: 1\n")
        let finder = PolicyFinder(directories: [project.path, user.path])
        #expect(try finder.find("notes").directory == user.path)
        #expect(try finder.find("time").directory == nil)
        try project.write("notes.yaml", "sandboxd: 1\nname: wide\n")
        try project.write("time.yaml", "sandboxd: 1\nname: wide\n")
        let (mine, other) = ("\(project.path)/notes.yaml", "\(user.path)/notes.yaml")
        #expect(throws: PolicyLookupFailure.ambiguousName("notes", path: mine, other: other)) { try finder.find("notes") }
        #expect(throws: PolicyLookupFailure.ambiguousName("time", path: "\(project.path)/time.yaml", other: nil)) {
            try finder.find("time")
        }
        #expect(try finder.find(mine).text.name == mine)
    }

    @Test("includes are found beside the policy, and includes of includes too; a circle ends")
    func findsIncludes() throws {
        let scratch = Scratch()
        try scratch.write("main.yaml", "sandboxd: 1\nname: m\ninclude: [one, two.yaml, nowhere]\n")
        try scratch.write("one.yaml", "sandboxd: 1\ninclude: [three, one]\n")
        try scratch.write("two.yaml", "sandboxd: 1\n")
        try scratch.write("three.yaml", "sandboxd: 1\ninclude: [one]\n")
        let texts = try PolicyTexts("\(scratch.path)/main.yaml", finder: PolicyFinder(directories: []))
        #expect(texts.includes.map(\.name) == ["one", "two.yaml", "three"])
        #expect(texts.source("two.yaml") == Array("sandboxd: 1\n".utf8))
    }

    @Test("an include that is there and cannot be read is refused at its place")
    func refusesUnreadableIncludes() throws {
        let scratch = Scratch()
        try scratch.write("main.yaml", "sandboxd: 1\nname: m\ninclude: [held.yaml]\n")
        try WorkingDirectory().makeDirectory("\(scratch.path)/held.yaml")
        let refusal = #expect(throws: Refusal.self) {
            _ = try PolicyTexts("\(scratch.path)/main.yaml", finder: PolicyFinder(directories: []))
        }
        #expect(refusal?.reasons.first.code == .unreadable)
        #expect(refusal?.reasons.first.location?.line == 3)
        #expect(refusal?.reasons.first.facts["error"] == "EISDIR")
    }
}
