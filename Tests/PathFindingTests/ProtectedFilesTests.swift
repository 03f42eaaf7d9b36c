import Descriptors
import Glibc
import Policy
import Testing

@testable import PathFinding

@Suite("What clients, shells and git run")
struct ProtectedFilesTests {
    private let scratch = Scratch()

    private func protected(writing path: String, home: String? = nil) -> [String] {
        var descriptors = DescriptorList()
        return PathAnswer(PathQuestion([request(path, .write)], command: nil, home: home), keeping: &descriptors).protected
    }

    @Test("what exists beneath a directory that may be written is told, resolved and sorted")
    func project() {
        _ = scratch.directory(".git")
        _ = scratch.directory(".git/hooks")
        _ = scratch.file(".envrc")
        _ = scratch.link("alias", to: ".")
        #expect(protected(writing: scratch.path) == [scratch[".envrc"], scratch[".git/hooks"]])
        #expect(protected(writing: scratch["alias"]) == [scratch[".envrc"], scratch[".git/hooks"]])
        #expect(protected(writing: scratch[".git"]) == [scratch[".git/hooks"]])
        #expect(protected(writing: scratch.directory("other")).isEmpty)
    }

    @Test("a home counts where the write reaches it, links included")
    func home() {
        let home = scratch.directory("home")
        _ = scratch.file("home/real")
        _ = scratch.link("home/.bashrc", to: "real")
        _ = scratch.directory("work")
        _ = scratch.directory("elsewhere")
        _ = scratch.file("elsewhere/profile")
        _ = scratch.link("home/.profile", to: scratch["elsewhere/profile"])
        #expect(protected(writing: home, home: home) == [scratch["home/.bashrc"], scratch["home/.profile"], scratch["home/real"]])
        #expect(protected(writing: scratch["elsewhere"], home: home) == [scratch["elsewhere/profile"]])
        #expect(protected(writing: scratch["work"], home: home).isEmpty)
        #expect(protected(writing: home, home: nil).isEmpty)
    }

    @Test("links that may be written, and files with several names, would change though they are mounted over")
    func changeable() throws {
        _ = scratch.file("real")
        _ = scratch.link(".mcp.json", to: "real")
        _ = scratch.file(".envrc")
        _ = scratch.file("opencode.json")
        try #require(Glibc.link(scratch["opencode.json"], scratch["alias"]) == 0)
        var descriptors = DescriptorList()
        let answer = PathAnswer(PathQuestion([request(scratch.path, .write)], command: nil, home: nil), keeping: &descriptors)
        #expect(answer.protected == [scratch[".envrc"], scratch[".mcp.json"], scratch["opencode.json"], scratch["real"]])
        #expect(answer.changeable == [scratch[".mcp.json"], scratch["opencode.json"]])
        #expect(PathAnswer(json: answer.json) == answer)
    }

    @Test("what is only read reaches nothing")
    func reading() {
        _ = scratch.file(".envrc")
        var descriptors = DescriptorList()
        #expect(PathAnswer(PathQuestion([request(scratch.path)], command: nil, home: nil), keeping: &descriptors).protected.isEmpty)
    }
}
