import Glibc
import PathFinding
import Testing

@Suite("Which file a command names")
struct CommandLookupTests {
    private let scratch = Scratch()

    private func look(_ name: String, path: String? = nil) -> CommandLookup {
        CommandLookup.find(Array(name.utf8), path: path.map { Array($0.utf8) }, cwd: Array(scratch.path.utf8))
    }

    private func found(_ path: String) -> CommandLookup { .found(Array(path.utf8)) }

    @Test("the first entry of PATH that has an executable file wins")
    func order() {
        _ = scratch.directory("a")
        _ = scratch.directory("b")
        _ = scratch.file("b/tool", mode: 0o755)
        let path = "\(scratch["missing"]):\(scratch["a"]):\(scratch["b"])"
        #expect(look("tool", path: path) == found(scratch["b/tool"]))
        _ = scratch.file("a/tool", mode: 0o755)
        #expect(look("tool", path: path) == found(scratch["a/tool"]))
    }

    @Test("what is there and cannot be executed is told apart from what is not there")
    func refused() {
        _ = scratch.directory("a")
        _ = scratch.directory("a/folder")
        _ = scratch.file("a/plain")
        #expect(look("plain", path: scratch["a"]) == .notExecutable(Array(scratch["a/plain"].utf8), error: "EACCES"))
        #expect(look("folder", path: scratch["a"]) == .notExecutable(Array(scratch["a/folder"].utf8), error: "EACCES"))
        #expect(look("nothing", path: scratch["a"]) == .notFound)
        #expect(look("", path: scratch["a"]) == .notFound)
    }

    @Test("an entry of PATH that cannot be searched has nothing")
    func unsearchable() {
        _ = symlink("loop", scratch["loop"])
        #expect(look("tool", path: scratch["loop"]) == .notFound)
        #expect(look("loop/tool") == .notExecutable(Array(scratch["loop/tool"].utf8), error: "ELOOP"))
    }

    @Test("a later executable file beats an earlier one that is none")
    func later() {
        _ = scratch.directory("a")
        _ = scratch.directory("b")
        _ = scratch.file("a/tool")
        _ = scratch.file("b/tool", mode: 0o755)
        #expect(look("tool", path: "\(scratch["a"]):\(scratch["b"])") == found(scratch["b/tool"]))
    }

    @Test("a name with a slash is a path; relative names and entries are of the working directory")
    func slashes() {
        _ = scratch.directory("a")
        _ = scratch.file("a/tool", mode: 0o755)
        #expect(look("a/tool", path: "/nowhere") == found(scratch["a/tool"]))
        #expect(look("./a/tool") == found(scratch["./a/tool"]))
        #expect(look(scratch["a/tool"]) == found(scratch["a/tool"]))
        #expect(look("tool", path: "a") == found(scratch["a/tool"]))
        #expect(look("a/missing") == .notFound)
        _ = scratch.file("here", mode: 0o755)
        #expect(look("here", path: "/nowhere:") == found(scratch["here"]))
    }

    @Test("without PATH the standard directories are searched")
    func unset() {
        #expect(look("sh", path: nil) == found("/bin/sh"))
        #expect(look("sh", path: "") == .notFound)
    }

    @Test("names are bytes: no Unicode equivalence")
    func bytes() {
        _ = scratch.file("e\u{301}", mode: 0o755)
        #expect(look("\u{E9}", path: scratch.path) == .notFound)
        #expect(look("e\u{301}", path: scratch.path) == found(scratch["e\u{301}"]))
    }
}
