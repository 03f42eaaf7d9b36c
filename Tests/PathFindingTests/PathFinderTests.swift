import Descriptors
import Glibc
import Policy
import StrictJSON
import Testing

@testable import PathFinding

@Suite("What paths denote")
struct PathFinderTests {
    private let scratch = Scratch()

    @Test("a plain directory is itself, with what stat says and the directories above it")
    func directory() throws {
        let path = scratch.directory("a", mode: 0o750)
        let found = try #require(facts(path))
        let status = try WorkingDirectory().status(of: path)
        #expect(found.resolved == path)
        #expect(found.kind == .directory)
        #expect((found.device, found.inode) == (status.device, status.inode))
        #expect((found.owner, found.group, found.mode) == (geteuid(), getegid(), 0o750))
        #expect(found.links.isEmpty)
        #expect(found.ancestors.map(\.path) == ["/", "/tmp", scratch.path])
        #expect(found.ancestors[1].mode == (try WorkingDirectory().status(of: "/tmp").permissions))
        #expect(found.filesystem != 0)
    }

    @Test("the root has nothing above it")
    func root() throws {
        let found = try #require(facts("/"))
        #expect(found.resolved == "/")
        #expect(found.ancestors.isEmpty)
        #expect(try #require(facts("/..")).resolved == "/")
        #expect(try #require(facts("//./")).resolved == "/")
    }

    @Test("a file has its link count, other things are other")
    func kinds() throws {
        let file = scratch.file("f")
        #expect(Glibc.link(file, scratch["g"]) == 0)
        #expect(try #require(facts(file)).linkCount == 2)
        #expect(try #require(facts(file)).kind == .file)
        #expect(mkfifo(scratch["pipe"], 0o600) == 0)
        #expect(try #require(facts(scratch["pipe"])).kind == .other)
        #expect(try #require(facts("/dev/null")).kind == .other)
    }

    @Test("links are followed and told, with the directory that holds each")
    func links() throws {
        let target = scratch.directory("target", mode: 0o711)
        let inner = scratch.directory("holder", mode: 0o775)
        #expect(symlink("../target", inner + "/relative") == 0)
        let absolute = scratch.link("absolute", to: inner + "/relative/")
        let found = try #require(facts(absolute))
        #expect(found.resolved == target)
        #expect(found.links.map(\.path) == [absolute, inner + "/relative"])
        #expect(found.links.map(\.target) == [inner + "/relative/", "../target"])
        #expect(found.links.map(\.holder.path) == [scratch.path, inner])
        #expect(found.links[1].holder.mode == 0o775)
        #expect(found.ancestors.map(\.path) == ["/", "/tmp", scratch.path])
    }

    @Test("a link in the middle of a path counts like one at its end")
    func middle() throws {
        _ = scratch.directory("real")
        _ = scratch.directory("real/deep")
        _ = scratch.link("alias", to: "real")
        let found = try #require(facts(scratch["alias/deep/"]))
        #expect(found.resolved == scratch["real/deep"])
        #expect(found.links.map(\.path) == [scratch["alias"]])
    }

    @Test("`..` is the parent of where the path has come to, not of what is written")
    func parent() throws {
        _ = scratch.directory("one")
        _ = scratch.directory("one/two")
        _ = scratch.directory("three")
        _ = scratch.link("short", to: "one/two")
        #expect(try #require(facts(scratch["short/.."])).resolved == scratch["one"])
        #expect(try #require(facts(scratch["short/../../three/."])).resolved == scratch["three"])
    }

    @Test(
        "what is not there says at which component",
        arguments: [
            ("missing", "ENOENT", "missing"), ("missing/below", "ENOENT", "missing"), ("dir/missing", "ENOENT", "dir/missing"),
            ("file/", "ENOTDIR", "file"), ("file/.", "ENOTDIR", "file"), ("file/..", "ENOTDIR", "file"), ("file/x", "ENOTDIR", "file"),
            ("dangling", "ENOENT", "nowhere"), ("loop", "ELOOP", "loop"), ("missing/..", "ENOENT", "missing"),
            (String(repeating: "n", count: 256), "ENAMETOOLONG", String(repeating: "n", count: 256)),
        ])
    func missing(path: String, error: String, component: String) {
        _ = scratch.directory("dir")
        _ = scratch.file("file")
        _ = scratch.link("dangling", to: "nowhere")
        _ = scratch.link("loop", to: "loop")
        #expect(find(scratch[path]) == .failed(error: error, component: scratch[component]))
    }

    @Test("forty links are followed, forty-one are not")
    func chainOfLinks() throws {
        _ = scratch.directory("l0")
        for index in 1...41 { _ = scratch.link("l\(index)", to: "l\(index - 1)") }
        #expect(try #require(facts(scratch["l40"])).links.count == 40)
        #expect(find(scratch["l41"]) == .failed(error: "ELOOP", component: scratch["l1"]))
    }

    @Test("a path that is not absolute, too long or not UTF-8 once resolved is not found")
    func unspeakable() {
        #expect(find("tmp") == .failed(error: "EINVAL", component: "tmp"))
        #expect(find("") == .failed(error: "EINVAL", component: ""))
        let long = String(repeating: "/x", count: 2_100)
        #expect(find(long) == .failed(error: "ENAMETOOLONG", component: long))
        let target: [CChar] = [-1, 0]
        #expect(symlink(target, scratch["odd"]) == 0)
        let odd = Array((scratch.path + "/").utf8).map { CChar(bitPattern: $0) } + target
        #expect(mkdir(odd, 0o755) == 0)
        guard case .failed("EILSEQ", _) = find(scratch["odd"]) else {
            return #expect(Bool(false), "a name that is no text was said as one")
        }
        rmdir(odd)
    }

    @Test("a directory that may not be searched is told as such, to whoever may not")
    func noPermission() {
        let closed = scratch.directory("closed", mode: 0o700)
        _ = scratch.directory("closed/inner")
        chmod(closed, 0)
        let inner = scratch["closed/inner"]
        #expect(unprivileged { find(closed) }.isFound)
        #expect(unprivileged { find(inner) } == .failed(error: "EACCES", component: inner))
        #expect(unprivileged { find(closed + "/.") } == .failed(error: "EACCES", component: closed + "/."))
        #expect(unprivileged { find(closed + "/..") } == .failed(error: "EACCES", component: closed + "/.."))
        if geteuid() == 0 { #expect(find(inner).isFound) }
        chmod(closed, 0o700)
    }

    @Test("/proc and /sys are known by their filesystems")
    func kernelFilesystems() throws {
        #expect(try #require(facts("/proc")).filesystem == 0x9FA0)
        #expect(try #require(facts("/sys")).filesystem == 0x6265_6572)
    }

    @Test("the descriptors are of the inodes that were found, and of nothing that may be read")
    func descriptors() throws {
        let paths = [scratch.directory("d"), scratch["missing"], scratch.file("f")]
        var descriptors = DescriptorList()
        let findings = PathFinder.find(paths.map { request($0) }, keeping: &descriptors)
        #expect(findings.map(\.isFound) == [true, false, true])
        #expect(descriptors.count == 2)
        for (index, path) in [paths[0], paths[2]].enumerated() {
            let peeked = descriptors.peek(index)
            let descriptor = try #require(peeked)
            #expect(try descriptor.status().inode == (try WorkingDirectory().status(of: path).inode))
            #expect(try descriptor.statusFlags().contains(.path))
        }
    }

    @Test("findings are read back from their JSON, and from nothing else")
    func json() throws {
        let findings = [find("/bin/sh"), find("/nowhere")]
        for finding in findings {
            #expect(PathFinding(json: finding.json) == finding)
            let read = try JSON(parsing: finding.json.encoded())
            #expect(PathFinding(json: read) == finding)
        }
        for bad: JSON in [nil, "found", ["found": [:]], ["error": "ENOENT"], ["found": ["resolved": 1]]] {
            #expect(PathFinding(json: bad) == nil)
        }
    }
}

extension PathFinding {
    var isFound: Bool {
        if case .found = self { true } else { false }
    }
}
