import ClientConfigs
import Descriptors
import Evidence
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Commands

/// What is prepared, found again, and found changed.
@Suite struct PreparedPlaceTests {
    /// A place with one package as an installer leaves it, sealed and recorded.
    final class Scene {
        let scratch: ScratchDirectory
        let place: PreparedPlace
        private(set) var install: PreparedInstall

        init(_ requirements: [String] = ["mcp-server-time"], version: String = "1.2", registry: PackageRequest.Registry = .pypi) throws {
            scratch = try ScratchDirectory()
            place = PreparedPlace(path: scratch.path + "/sandboxd/prepared", owner: geteuid())
            let store = try PreparationStore.open(place, registry, Console())
            let name = "mcp-server-time-\(version)-00000000"
            try store.makeOpen(name)
            let tree = try WorkingDirectory().open(store.path(name), [.read, .directory])
            try tree.makeDirectory("bin")
            try tree.makeDirectory("lib", mode: 0o755)
            try store.write(Array("#!/bin/sh\n".utf8), "mcp-server-time", in: name + "/bin", mode: 0o755)
            try store.write([1, 2], "code.py", in: name + "/lib", mode: 0o666)
            #expect(symlink("lib", store.path(name) + "/lib64") == 0)
            try TreeSeal.seal(store.path(name), owner: geteuid(), group: getegid(), installer: geteuid(), keepsWrite: false)
            let manifest = try TreeManifest(of: store.path(name), owner: geteuid())
            install = PreparedInstall(
                registry: registry, package: "mcp-server-time", version: version, requirements: requirements, python: nil,
                parts: [.init(name: "mcp-server-time", version: version, hash: "sha256:00")], ranScripts: false, lock: SHA256.digest([]),
                tree: manifest.digest, entries: manifest.entries, time: "2026-01-01T00:00:00.000000Z", log: "log", receipt: 7,
                path: store.path(name))
            try store.commit(install, manifest)
        }

        var change: TreeChange? { place.change(of: install) }

        deinit {
            guard let root = try? WorkingDirectory().open(scratch.path, [.read, .directory]) else { return }
            try? TreeSeal.remove("sandboxd", in: root)
        }
    }

    private static func request(_ words: String) throws -> PackageRequest {
        try PackageRequest(words.split(separator: " ").map(String.init))
    }

    @Test("a record says all of it again, and what is prepared is as it was")
    func reads() throws {
        let scene = try Scene()
        #expect(scene.place.installs() == [scene.install])
        #expect(scene.change == nil)
        let status = try WorkingDirectory().status(of: scene.install.path + "/lib/code.py")
        #expect(status.permissions == 0o444)
        #expect(try WorkingDirectory().status(of: scene.install.path).permissions == 0o555)
    }

    @Test(
        "whatever changes in the tree is found, and named",
        arguments: [
            ("lib/code.py", .changed("lib/code.py")), ("mode", .changed("lib/code.py")), ("gone", .removed("lib/code.py")),
            ("more", .added("lib/more.py")), ("link", .changed("lib64")), ("swap", .changed("lib/code.py")),
            ("writable", .unfit(.othersMayWrite("lib"))), ("fifo", .unfit(.oddFile("lib/pipe"))),
            ("twice", .unfit(.severalNames("lib/code.py"))), ("name", .unfit(.badName(below: "lib"))),
            ("root", .unfit(.othersMayWrite(""))),
        ] as [(String, TreeChange)])
    func findsChanges(_ what: String, _ change: TreeChange) throws {
        let scene = try Scene()
        let tree = scene.install.path
        #expect(chmod(tree, 0o755) == 0 && chmod(tree + "/lib", 0o755) == 0)
        defer { if what != "root" { chmod(tree, 0o555) } }
        let store = try PreparationStore.open(scene.place, .pypi, Console())
        switch what {
        case "lib/code.py": try store.write([1, 3], "code.py", in: scene.install.name + "/lib", mode: 0o444)
        case "mode": #expect(chmod(tree + "/lib/code.py", 0o555) == 0)
        case "gone": #expect(unlink(tree + "/lib/code.py") == 0)
        case "more": try store.write([], "more.py", in: scene.install.name + "/lib", mode: 0o444)
        case "link": #expect(unlink(tree + "/lib64") == 0 && symlink("/tmp", tree + "/lib64") == 0)
        case "swap":
            #expect(unlink(tree + "/lib/code.py") == 0 && symlink("/etc/passwd", tree + "/lib/code.py") == 0)
        case "fifo": #expect(mkfifo(tree + "/lib/pipe", 0o444) == 0)
        case "twice": #expect(link(tree + "/lib/code.py", scene.scratch.path + "/other") == 0)
        case "name": try store.write([], "a\nb", in: scene.install.name + "/lib", mode: 0o444)
        case "root": #expect(chmod(tree, 0o777) == 0)
        case _: break
        }
        if what != "writable", what != "root" { #expect(chmod(tree + "/lib", 0o555) == 0 && chmod(tree, 0o555) == 0) }
        if what == "writable" { #expect(chmod(tree + "/lib", 0o757) == 0) }
        if what == "root" { #expect(chmod(tree + "/lib", 0o555) == 0) }
        #expect(scene.change == change)
    }

    @Test("a record that was changed with the tree, or belongs to another, is not taken for it")
    func holdsRecords() throws {
        let scene = try Scene()
        let manifest = scene.install.path + ".files"
        #expect(chmod(manifest, 0o666) == 0)
        // Nothing says that a manifest is needed where the tree is as it was.
        #expect(scene.change == nil)
        #expect(chmod(scene.install.path, 0o755) == 0)
        #expect(scene.change == .record)
        #expect(chmod(manifest, 0o644) == 0)
        #expect(scene.change == .changed("."))
        // Of others' records there are none.
        #expect(chmod(scene.install.path + ".json", 0o666) == 0)
        #expect(scene.place.installs().isEmpty)
        #expect(chmod(scene.install.path + ".json", 0o644) == 0 && chmod(scene.place.directory(.pypi), 0o777) == 0)
        #expect(scene.place.installs().isEmpty)
    }

    @Test(
        "a command line is answered by what it would have fetched, or by any version where it names none",
        arguments: [
            ("uvx mcp-server-time", true), ("uvx mcp-server-time@latest", true), ("uvx mcp-server-time@1.2", true),
            ("uvx mcp-server-time==1.2", true),
            ("uvx Mcp_Server.Time --local-timezone UTC", true), ("uvx --from mcp-server-time mcp-server-time", true),
            ("uvx mcp-server-time@1.3", false), ("uvx mcp-server", false), ("uvx mcp-server-time-x", false),
            ("uvx mcp-server-time[x]", false),
            ("uvx --with a mcp-server-time", false), ("uvx --python 3.11 mcp-server-time", false),
            ("uvx --from mcp-server-time>=1 mcp-server-time", false),
            ("npx mcp-server-time", false),
        ])
    func answers(_ words: String, _ isAnswered: Bool) throws {
        let scene = try Scene()
        #expect(scene.install.answers(try Self.request(words)) == isAnswered)
        let command = try? PreparedCommand(words.split(separator: " ").map(String.init), in: [scene.place])
        #expect((command?.program == scene.install.path + "/bin/mcp-server-time") == isAnswered)
    }

    @Test("what asks for bounds or for more is answered by what was prepared for the same")
    func answersBounds() throws {
        let scene = try Scene(["mcp-server-time>=1,<2", "httpx<1"])
        #expect(scene.install.answers(try Self.request("uvx --with httpx<1 --from mcp-server-time>=1,<2 mcp-server-time")))
        #expect(scene.install.answers(try Self.request("uvx --with httpx<1 mcp-server-time")))
        #expect(!scene.install.answers(try Self.request("uvx --from mcp-server-time>=1,<2 mcp-server-time")))
        #expect(!scene.install.answers(try Self.request("uvx --with httpx mcp-server-time")))
    }

    @Test("a program that the package has not is refused with those that it has; a changed package is not started by its path either")
    func checksPrograms() throws {
        let scene = try Scene()
        #expect(throws: PreparedCommand.Problem.noProgram("other", in: scene.install, has: ["mcp-server-time"])) {
            try PreparedCommand(["uvx", "--from", "mcp-server-time", "other"], in: [scene.place])
        }
        let program = scene.install.path + "/bin/mcp-server-time"
        try PreparedCommand.check(program, in: [scene.place])
        #expect(symlink(program, scene.scratch.path + "/link") == 0)
        #expect(chmod(scene.install.path + "/bin", 0o755) == 0)
        for path in [program, scene.scratch.path + "/link"] {
            #expect(throws: PreparedCommand.Problem.changed(scene.install, .changed("bin"), place: scene.place)) {
                try PreparedCommand.check(path, in: [scene.place])
            }
        }
        #expect(unlink(scene.scratch.path + "/link") == 0)
        #expect(throws: PreparedCommand.Problem.noRecord(path: scene.place.directory(.pypi) + "/x/bin/y")) {
            try PreparedCommand.check(scene.place.directory(.pypi) + "/x/bin/y", in: [scene.place])
        }
        try PreparedCommand.check("/usr/bin/env", in: [scene.place])
    }

    @Test("what nobody finished is removed by whoever comes next, and what is prepared stays")
    func cleans() throws {
        let scene = try Scene()
        do {
            let store = try PreparationStore.open(scene.place, .pypi, Console())
            try store.makeOpen("half")
            try store.makeGiven(".given", [("lock.txt", [1])])
            try store.write([1], "half.files", in: ".", mode: 0o600)
            try store.write([1], "x.json.new", in: ".", mode: 0o600)
        }
        let store = try PreparationStore.open(scene.place, .pypi, Console())
        let names = try store.directory.names().map { String(decoding: $0, as: UTF8.self) }
        #expect(names == [scene.install.name, scene.install.name + ".files", scene.install.name + ".json"])
        try store.remove(scene.install)
        #expect(try store.directory.names().isEmpty)
        #expect(scene.place.installs().isEmpty)
    }

    @Test("a tree that is sealed is its owner's alone, whatever modes an installer gave")
    func seals() throws {
        let scene = try Scene()
        let tree = scene.install.path
        #expect(chmod(tree, 0o777) == 0 && chmod(tree + "/lib/code.py", 0o6777) == 0)
        try TreeSeal.seal(tree, owner: geteuid(), group: getegid(), installer: geteuid(), keepsWrite: true)
        #expect(try WorkingDirectory().status(of: tree).permissions == 0o755)
        #expect(try WorkingDirectory().status(of: tree + "/lib/code.py").permissions == 0o755)
    }
}

/// What is read of foreign texts on the way.
@Suite struct PreparingTextTests {
    @Test(
        "an index is a scheme, a host and a port",
        arguments: [
            ("https://index.example/simple", "index.example", 443), ("http://127.0.0.1:8080/", "127.0.0.1", 8080),
            ("https://[2001:db8::1]:1/x", "2001:db8::1", 1),
            ("https://user:pass@index.example:8443/simple/", "index.example", 8443), ("https://a@b@c.example", "c.example", 443),
            ("https://host?x=/y", "host", 443),
        ] as [(String, String, UInt16)])
    func readsAddresses(_ url: String, _ host: String, _ port: UInt16) {
        let address = RegistryAddress(url)
        #expect(address?.host == host && address?.port == port && address?.url == url)
    }

    @Test(
        "and nothing else is",
        arguments: [
            "", "index.example", "ftp://x", "file:///x", "https://", "https://:1", "https://x:0", "https://x:99999", "https://x y",
            "https://-x",
            "https://a\n",
        ])
    func refusesAddresses(_ url: String) { #expect(RegistryAddress(url) == nil) }

    @Test("pip's configuration says where packages come from")
    func readsConfiguration() {
        let text =
            "[global]\n# index-url = no\nindex-url = https://a.example/simple\n\n[freeze]\nindex-url=https://no\n[install]\r\ncert: /etc/x.pem\n"
        #expect(PipConfiguration.values(text) == ["index-url": "https://a.example/simple", "cert": "/etc/x.pem"])
    }

    private static let digest = String(repeating: "0a", count: 32)

    private static func answer(_ parts: [(String, String, String)]) -> [UInt8] {
        let listed = parts.map { #"{"name":"\#($0.0)","version":"\#($0.1)","sha256":"\#($0.2)"}"# }
        return Array(#"{"parts":[\#(listed.joined(separator: ","))]}"#.utf8)
    }

    @Test("what pip found becomes a lock with hashes")
    func readsAnswers() throws {
        let request = try PackageRequest(["uvx", "mcp-server-time"])
        let found = try PythonInstaller.read(
            Self.answer([("Mcp_Server-Time", "1.2", Self.digest), ("anyio", "4.0.0", Self.digest)]), request, "s")
        #expect(found.version == "1.2")
        #expect(
            String(decoding: found.lock, as: UTF8.self)
                == "anyio==4.0.0 --hash=sha256:\(Self.digest)\nmcp-server-time==1.2 --hash=sha256:\(Self.digest)\n")
    }

    @Test(
        "what it cannot have found is no answer",
        arguments: [
            [], [("other", "1", PreparingTextTests.digest)], [("mcp-server-time", "1", "")],
            [("mcp-server-time", "1 --index-url x", PreparingTextTests.digest)],
            [("mcp-server-time", "1", PreparingTextTests.digest), ("-r x", "1", PreparingTextTests.digest)],
            [("mcp-server-time", "1", PreparingTextTests.digest), ("x @ file:y", "1", PreparingTextTests.digest)],
            [("mcp-server-time", "1\\n-e .", PreparingTextTests.digest)],
            [("mcp-server-time", "1", PreparingTextTests.digest.uppercased())],
        ] as [[(String, String, String)]])
    func refusesAnswers(_ parts: [(String, String, String)]) throws {
        let request = try PackageRequest(["uvx", "mcp-server-time"])
        #expect(throws: PrepareFailure.self) { try PythonInstaller.read(Self.answer(parts), request, "s") }
    }
}
