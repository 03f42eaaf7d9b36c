import Policy
import PolicyText
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite("Policies that are learned")
struct LearnedPolicyTests {
    private static func tally(_ count: UInt64 = 1) -> Sightings.Tally {
        var tally = Sightings.Tally()
        tally.add(.start, count)
        return tally
    }

    private static func granted(_ files: [String], listed: [String] = [], homes: Set<String> = ["/home/x"]) -> Set<String> {
        let tallies = { (paths: [String]) in Dictionary(uniqueKeysWithValues: paths.map { ($0, tally()) }) }
        return Set(PathGeneralisation(files: tallies(files), directories: tallies(listed), homes: homes).granted.keys)
    }

    @Test("a directory is granted whole when it was listed, or three files of it were read; never one of the widest")
    func directories() {
        #expect(Self.granted(["/srv/a/1", "/srv/a/2"]) == ["/srv/a/1", "/srv/a/2"])
        #expect(Self.granted(["/srv/a/1", "/srv/a/2", "/srv/a/3"]) == ["/srv/a"])
        #expect(Self.granted(["/srv/a/1"], listed: ["/srv/a"]) == ["/srv/a"])
        #expect(Self.granted(["/etc/a", "/etc/b", "/etc/c"]) == ["/etc/a", "/etc/b", "/etc/c"])
        #expect(Self.granted(["/home/x/a", "/home/x/b", "/home/x/c"]) == ["/home/x/a", "/home/x/b", "/home/x/c"])
        #expect(Self.granted([], listed: ["/", "/usr", "/home", "/home/x", "/home/x/.config"]).isEmpty)
        #expect(Self.granted([], listed: ["/srv/a/1", "/srv/a/2", "/srv/a/3"]) == ["/srv/a"])
        #expect(Self.granted([], listed: ["/opt/home/x"], homes: ["/opt/home/x/y"]).isEmpty, "a home lies below it")
    }

    @Test(
        "texts of strangers are one scalar, whatever they are made of",
        arguments: [
            "null", "1", "~", "- a", "a: b", "a #b", "\"", "\\", "\n", "\t", "\u{85}", "\u{2028}", "\u{202E}",
            "\u{FEFF}", "é", "😀", "", "yes",
            "{a}", "[", "*x", "&x", "!x", "|", ">", "%", "@", "`", "'", "x: ", " x", "x ", "---", "...", "?", ":", "0x1", "1e3", ".inf",
            "=", "<<", String(repeating: "x", count: 5_000),
        ])
    func scalars(text: String) throws {
        let scalar = YAMLText.scalar(text)
        #expect(!scalar.unicodeScalars.contains(where: Escaping.isHidden))
        // A description is any text; what stands there is what comes back.
        guard !text.isEmpty else { return }
        let document = "sandboxd: 1\nname: x\nserver: {env: {set: {V: \(scalar)}}}\n"
        let draft = try PolicyText.parse(PolicySource(name: "x", bytes: Array(document.utf8)))
        let expanded = try draft.expanded(with: PolicyVariables(home: "/h", cwd: "/c"))
        #expect(expanded.document["server"]?["env"]?["set"]?["V"] == .string(text))
    }

    @Test("a comment ends with its line, whatever is in it")
    func comments() {
        var yaml = YAMLText()
        yaml.add(2, "- x", comment: "a\nb: c\r\u{2028}\u{85}d")
        yaml.remark(0, "e\n- f " + String(repeating: "g ", count: 4_000))
        #expect(yaml.lines.first == "  - x  # a\\u{a}b: c\\u{d}\\u{2028}\\u{85}d")
        #expect(yaml.lines.allSatisfy { !$0.unicodeScalars.contains(where: Escaping.isHidden) })
        #expect(yaml.lines.dropFirst().allSatisfy { $0.hasPrefix("#") })
    }

    @Test("the shape of arguments keeps types, members and lengths, and no value")
    func shapes() throws {
        var shape = ArgumentShape(["path": "secret-value", "count": 1, "tags": ["a", "b"], "options": ["deep": true]])
        shape.merge(
            ArgumentShape([
                "path": .string(String(repeating: "x", count: 100)), "count": try JSON(parsing: Array("1.5".utf8)), "tags": [],
                "more": .null,
            ]))
        let schema = shape.schema
        #expect(!String(decoding: schema.encoded(), as: UTF8.self).contains("secret"))
        #expect(schema["additionalProperties"] == false)
        #expect(schema["required"] == ["count", "path", "tags"])
        #expect(schema["properties"]?["path"] == ["type": "string", "maxLength": 256])
        #expect(schema["properties"]?["count"] == ["type": "number"])
        #expect(schema["properties"]?["tags"] == ["type": "array", "items": ["type": "string", "maxLength": 64]])
        #expect(schema["properties"]?["more"] == ["type": "null"])
    }

    @Test("objects with very many or very long names are left open, and deep ones")
    func openShapes() {
        let many = ArgumentShape(.object(JSONObject((0..<100).map { ("k\($0)", JSON(1)) })))
        #expect(many.schema == ["type": "object"])
        #expect(ArgumentShape(.object(JSONObject([(String(repeating: "k", count: 2_000), 1)]))).schema == ["type": "object"])
        #expect(ArgumentShape(["a\r\nb": 1]).schema == ["type": "object"], "a policy can have no such name")
        var deep: JSON = ["x": 1]
        for _ in 0..<500 { deep = ["x": deep] }
        #expect(String(decoding: ArgumentShape(deep).schema.encoded(), as: UTF8.self).utf8.count < 2_000)
    }

    @Test("what is seen is bounded in number, and the rest is counted")
    func bounds() {
        var sightings = Sightings()
        for number in 0..<(Sightings.limit + 10) { sightings.act(.file(.read, path: "/x/\(number)"), .start) }
        for number in 0..<(Sightings.toolLimit + 5) { sightings.call("t\(number)", arguments: nil) }
        sightings.call("two\nlines", arguments: nil)
        #expect(sightings.acts.count == Sightings.limit)
        #expect(sightings.tools.count == Sightings.toolLimit)
        #expect(sightings.uncounted == 15)
        #expect(sightings.unnamed == 1)
    }

    @Test("a policy of what was seen parses, permits that, and says how often and by which call")
    func whole() throws {
        var sightings = Sightings()
        sightings.call("get_note", arguments: ["title": "x"], .start)
        sightings.call("null", arguments: nil)
        sightings.prompt("summarise")
        sightings.resource("file:///srv/notes/a")
        sightings.resource("file:///srv/notes/\r\n- x")
        sightings.prompt("b\u{0}")
        sightings.message(.elicitation)
        sightings.act(.connect(.v4(0xC000_0201), port: 443), .call("get_note"))
        sightings.act(.send(.v4(0xC000_0235), port: 53), .start)
        sightings.act(.file(.read, path: "/srv/notes/a"), .call("get_note"))
        sightings.act(.file(.create, path: "/home/x/p/out/b"), .severalCalls)
        sightings.act(.file(.execute, path: "/usr/bin/git"), .betweenCalls)
        sightings.act(.spawn, .start)
        sightings.deny(.file(.write, path: "/etc/passwd\n- /"), .start)
        sightings.block("rm\n")
        var place = LearnedPolicy.Place(home: "/home/x", project: "/home/x/p")
        place.nameservers = [.v4(0xC000_0235)]
        let text = LearnedPolicy(sightings: sightings, place: place).text
        let draft = try PolicyText.parse(PolicySource(name: "learned", bytes: Array(text.utf8)))
        let document = try draft.expanded(with: PolicyVariables(home: "/home/x", cwd: "/home/x/p")).document
        #expect(document["egress"] == ["tcp": ["192.0.2.1:443"], "dns": "host"], "\(text)")
        #expect(document["files"]?["write"] == ["/home/x/p/out"], "\(text)")
        #expect(document["files"]?["read"] == ["/srv/notes/a", "/usr/bin/git"], "\(text)")
        #expect(document["files"]?["execute"] == ["/usr/bin/git"])
        #expect(document["processes"] == ["spawn": "any"])
        #expect(document["messages"] == ["resources": ["file:///srv/notes/a"], "prompts": ["summarise"], "elicitation": "allow"])
        #expect(document["tools"]?["rules"]?.array?.count == 2)
        #expect(text.contains("\"192.0.2.1:443\"  # once: get_note"), "\(text)")
        #expect(text.contains("\"${project}/out\"  # once: several calls in flight"), "\(text)")
    }
}
