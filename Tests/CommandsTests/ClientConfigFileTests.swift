import ClientConfigs
import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Commands

/// One file of a client's in a home, and what may be done with it.
@Suite struct ClientConfigFileTests {
    private let scratch: ScratchDirectory
    private let home: String
    private let place: ClientPlace
    private static let old = Array("{\"old\": 1}\n".utf8)
    private static let new = Array("{\"new\": 2}\n".utf8)
    private static let theirs = Array("{\"theirs\": 3}\n".utf8)

    init() throws {
        scratch = try ScratchDirectory()
        home = scratch.path + "/home"
        try WorkingDirectory().makeDirectory(home)
        try WorkingDirectory().makeDirectory(home + "/.cursor")
        let environment = CallerEnvironment(variables: [Array("HOME=\(home)".utf8)])
        let surroundings = ClientSurroundings(environment: environment, project: scratch.path + "/project", program: nil)
        place = try #require(ClientPlace(MCPClient.cursor.files[0], surroundings))
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try WorkingDirectory().open(path, [.write, .create, .truncate], mode: 0o600).writeWhole(bytes)
    }

    private func bytes(_ path: String) throws -> [UInt8]? { try WorkingDirectory().contents(of: path, limit: 1 << 20) }

    private func names() throws -> [String] {
        try WorkingDirectory().open(home + "/.cursor", .directory).names().map { String(decoding: $0, as: UTF8.self) }
    }

    private func obstacle(beforeExchange: () -> Void = {}) throws -> ClientFileObstacle? {
        let file = try #require(try ClientConfigFile(place))
        do throws(ClientFileObstacle) {
            try file.replace(with: Self.new, home: home, beforeExchange: beforeExchange)
            return nil
        } catch {
            return error
        }
    }

    @Test("the new content has the old one's mode and owner, and nothing else is left")
    func replaces() throws {
        try write(Self.old, to: place.path)
        chmod(place.path, 0o640)
        let before = try WorkingDirectory().status(of: place.path)
        #expect(try obstacle() == nil)
        let after = try WorkingDirectory().status(of: place.path)
        #expect(try bytes(place.path) == Self.new)
        #expect(after.mode == before.mode && after.owner == before.owner && after.group == before.group && after.inode != before.inode)
        #expect(try names() == ["mcp.json"])
    }

    @Test("a file that is written while the new one is made stays as it was written")
    func keepsWritten() throws {
        try write(Self.old, to: place.path)
        let path = place.path
        #expect(try obstacle { _ = truncate(path, 3) } == .changed)
        #expect(try bytes(place.path) == Array(Self.old.prefix(3)))
        #expect(try names() == ["mcp.json"])
    }

    @Test("a file that is replaced while the new one is made stays the one that came")
    func keepsReplaced() throws {
        try write(Self.old, to: place.path)
        try write(Self.theirs, to: scratch.path + "/theirs")
        let (path, other) = (place.path, scratch.path + "/theirs")
        #expect(try obstacle { _ = rename(other, path) } == .changed)
        #expect(try bytes(place.path) == Self.theirs)
        #expect(try names() == ["mcp.json"])
    }

    @Test("a file that is removed while the new one is made stays away")
    func keepsRemoved() throws {
        try write(Self.old, to: place.path)
        let path = place.path
        #expect(try obstacle { _ = unlink(path) } == .changed)
        #expect(try names() == [])
    }

    @Test("a link within the home is followed, and stays a link")
    func followsLinks() throws {
        try WorkingDirectory().makeDirectory(home + "/dotfiles")
        try write(Self.old, to: home + "/dotfiles/cursor.json")
        try #require(symlink("../dotfiles/cursor.json", place.path) == 0)
        #expect(try obstacle() == nil)
        #expect(try bytes(home + "/dotfiles/cursor.json") == Self.new)
        #expect(try WorkingDirectory().status(of: place.path, followingLinks: false).isSymbolicLink)
    }

    @Test("a link that leads out of the home is refused, the file's own or one of a directory")
    func refusesLinks() throws {
        try write(Self.old, to: scratch.path + "/out.json")
        try #require(symlink(scratch.path + "/out.json", place.path) == 0)
        #expect(try obstacle() == .linkOut(target: scratch.path + "/out.json"))
        try #require(unlink(place.path) == 0 && rmdir(home + "/.cursor") == 0)
        try WorkingDirectory().makeDirectory(scratch.path + "/cursor")
        try write(Self.old, to: scratch.path + "/cursor/mcp.json")
        try #require(symlink(scratch.path + "/cursor", home + "/.cursor") == 0)
        #expect(try obstacle() == .linkOut(target: scratch.path + "/cursor/mcp.json"))
        #expect(try bytes(scratch.path + "/out.json") == Self.old)
        #expect(try bytes(scratch.path + "/cursor/mcp.json") == Self.old)
    }

    @Test("a home that is itself reached by a link is the home")
    func followsHome() throws {
        try write(Self.old, to: place.path)
        try #require(symlink(home, scratch.path + "/link") == 0)
        let environment = CallerEnvironment(variables: [Array("HOME=\(scratch.path)/link".utf8)])
        let linked = try #require(
            ClientPlace(MCPClient.cursor.files[0], ClientSurroundings(environment: environment, project: nil, program: nil)))
        try #require(try ClientConfigFile(linked)).replace(with: Self.new, home: scratch.path + "/link")
        #expect(try bytes(place.path) == Self.new)
    }

    @Test("what others may write, or replace, is refused", arguments: [0o602, 0o620, 0o622] as [UInt32])
    func refusesShared(_ mode: UInt32) throws {
        try write(Self.old, to: place.path)
        chown(place.path, geteuid(), 54_321)
        chmod(place.path, mode)
        // Only root gives a file to a group that it is not in.
        if mode == 0o620, geteuid() != 0 { return }
        #expect(try obstacle() == .othersMayWrite)
        chmod(place.path, 0o600)
        chmod(home + "/.cursor", mode | 0o111)
        chown(home + "/.cursor", geteuid(), 54_321)
        #expect(try obstacle() == .othersMayReplace(directory: home + "/.cursor"))
        // Where others may add, and replace nothing that is not theirs.
        chmod(home + "/.cursor", mode | 0o1111)
        #expect(try obstacle() == nil)
    }

    @Test("a file with other names is refused")
    func refusesNames() throws {
        try write(Self.old, to: place.path)
        try #require(link(place.path, scratch.path + "/other") == 0)
        #expect(try obstacle() == .severalNames)
    }

    @Test("somebody else's file is refused", .enabled(if: geteuid() == 0, "only root gives files away"))
    func refusesForeign() throws {
        try write(Self.old, to: place.path)
        chown(place.path, 54_321, 54_321)
        #expect(try obstacle() == .foreign(owner: 54_321))
    }

    @Test("each policy that is ready for a server is shipped, and found by its programs and its module")
    func readyPolicies() {
        #expect(Set(ReadyPolicy.all.map(\.policy)).isSuperset(of: ["time", "git", "fetch", "sqlite", "filesystem", "github"]))
        for ready in ReadyPolicy.all {
            #expect(ShippedPolicies.bytes(of: ready.policy) != nil)
            for program in ready.programs { #expect(ReadyPolicy.find(["/x/\(program)"]) == ready) }
            if let module = ready.module { #expect(ReadyPolicy.find(["python3.12", "-m", module, "x"]) == ready) }
        }
        #expect(ReadyPolicy.find(["bash", "-m", "mcp_server_time"]) == nil)
        #expect(ReadyPolicy.find([]) == nil)
    }

    @Test(
        "what a server's own command line says is an input of its policy",
        arguments: [
            (["mcp-server-git", "-r", "/srv/x"], ["repository=/srv/x"]),
            (["mcp-server-git", "--repository=/srv/x"], ["repository=/srv/x"]),
            (["mcp-server-git"], []),
            (["mcp-server-sqlite", "--db-path", "/srv/x/notes.db"], ["directory=/srv/x"]),
            (["mcp-server-sqlite", "--db-path", "notes.db"], []),
            (["mcp-server-filesystem", "/srv/x", "/srv/y"], ["project=/srv/x"]),
            (["mcp-server-time", "--local-timezone", "UTC"], []),
        ] as [([String], [String])])
    func inputs(_ words: [String], _ expected: [String]) throws {
        #expect(try #require(ReadyPolicy.find(words)).assignments(words) == expected)
    }
}
