import Policy
import PolicyText
import StrictJSON
import Testing

@Suite("Included documents")
struct IncludeTests {
    @Test("the names that a document includes are listed with their places")
    func names() throws {
        let found = try PolicyText.includes(of: source("sandboxd: 1\ninclude: [a, \"b.yaml\"]\nnonsense: [\n]\n"))
        #expect(found.map(\.value) == ["a", "b.yaml"])
        #expect(found[1].location == SourceLocation(file: "p.yaml", line: 2, column: 14, length: 8))
        #expect(try PolicyText.includes(of: source("sandboxd: 1\n")).isEmpty)
        let refusal = #expect(throws: Refusal.self) { try PolicyText.includes(of: source("a: [\n")) }
        #expect(refusal?.reasons.first.code == .notYAML)
    }

    @Test("lists are united, each text once, the main document first; mappings are merged")
    func united() throws {
        let main = "sandboxd: 1\nname: main\ninclude: [a, b]\nfiles: {read: [/x, /y]}\nserver: {env: {set: {A: 1}}}\n"
        let policy = try expanded(
            main,
            includes: [
                "a": "sandboxd: 1\nname: a\ndescription: other\ninclude: [c]\nfiles: {read: [/y, /z], write: [/w]}\n",
                "b": "sandboxd: 1\nserver: {env: {set: {A: 1, B: 2}}}\ntools: {rules: [{tools: [t], effect: allow}]}\n",
                "c": "sandboxd: 1\nfiles: {read: [/c]}\n",
            ])
        #expect(policy.name == "main")
        #expect(policy.requestedPaths.map(\.path) == ["/x", "/y", "/z", "/c", "/w"])
        #expect(policy.requestedPaths.map(\.location.file) == ["p.yaml", "p.yaml", "a", "c", "a"])
        #expect(policy.server.environment.set == ["A": "1", "B": "2"])
        #expect(policy.document["description"] == nil)
    }

    @Test("R118: scalars that differ, at the first, with the place of the other")
    func conflicts() {
        let main = "sandboxd: 1\ninclude: [a]\nprocesses: {spawn: none}\negress: {tcp: none}\n"
        let found = reasons(main, includes: ["a": "sandboxd: 1\nprocesses:\n  spawn: any\negress: {tcp: [\"*:1\"]}\n"])
        let facts = ["place", "value", "other", "otherFile", "otherLine"]
        #expect(
            found.map { brief($0, facts: facts) } == [
                "R118 3:20+4 place=processes.spawn value=none other=any otherFile=a otherLine=3",
                "R118 4:15+4 place=egress.tcp value=none other=a list otherFile=a otherLine=4",
            ])
    }

    @Test("R117: an include in a circle, told where it closes; a document included twice is read once")
    func circles() throws {
        let a = "sandboxd: 1\ninclude: [b]\n"
        let b = "sandboxd: 1\ninclude: [a]\n"
        let found = reasons("sandboxd: 1\ninclude: [a]\n", includes: ["a": a, "b": b])
        #expect(found.map { brief($0, facts: ["include", "problem"]) } == ["R117 2:11+1 include=a problem=circular"])
        #expect(found.first?.location?.file == "b")
        let twice = "sandboxd: 1\nfiles: {read: [/d]}\ntools: {rules: [{id: d, tools: [x], effect: allow}]}\n"
        let leaf = "sandboxd: 1\ninclude: [d]\n"
        #expect(reasons("sandboxd: 1\ninclude: [l, m, d]\n", includes: ["l": leaf, "m": leaf, "d": twice]).isEmpty)
    }

    @Test("reasons come by document and by line, from all of them at once")
    func order() {
        let found = reasons("sandboxd: 1\nx: 1\ninclude: [a, b]\ny: 1\n", includes: ["a": "name: 3\n", "b": "sandboxd: 1\nz: [\n"])
        #expect(
            found.map { "\($0.location?.file ?? "") \(brief($0))" } == [
                "p.yaml R107 2:1+1", "p.yaml R107 4:1+1", "a R111 1:1+1", "a R109 1:7+1", "b R102 3:1+1",
            ])
    }

    @Test("names of includes are bytes")
    func bytes() {
        let found = reasons("sandboxd: 1\ninclude: [\"e\u{301}\"]\n", includes: ["\u{E9}": "sandboxd: 1\n"])
        #expect(found.map(\.code) == [.badInclude])
    }
}
