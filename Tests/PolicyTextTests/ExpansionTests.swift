import Policy
import PolicyText
import StrictJSON
import Testing

@Suite("Variables and inputs")
struct ExpansionTests {
    private func paths(_ text: String, _ variables: PolicyVariables = variables) throws -> [String] {
        try expanded(text, variables).requestedPaths.map(\.path)
    }

    @Test(
        "a variable stands alone or where a path begins",
        arguments: [
            ("${home}", "/home/ann"), ("${home}/x/y", "/home/ann/x/y"), ("${cwd}/", "/home/ann/notes/"),
            ("${runtime}/s", "/run/user/1000/s"),
            ("${server}/../lib", "/opt/venv/bin/../lib"), ("${server}?", "/opt/venv/bin"), ("${server}/x?", "/opt/venv/bin/x"),
        ])
    func places(written: String, path: String) throws {
        #expect(try paths("sandboxd: 1\nfiles: {read: [\"\(written)\"]}\n") == [path])
    }

    @Test("a value that ends in a slash does not make two")
    func slash() throws {
        var variables = variables
        variables.home = "/"
        #expect(try paths("sandboxd: 1\nfiles: {read: [\"${home}/x\"]}\n", variables) == ["/x"])
    }

    @Test("inputs take the value given, else their default; a value is data")
    func inputs() throws {
        let text = "sandboxd: 1\ninputs: {a: \"${cwd}/sub\", b: null}\nfiles: {read: [\"${a}\", \"${b}/x\"]}\n"
        var variables = variables
        variables.inputs = ["b": "/data"]
        #expect(try paths(text, variables) == ["/home/ann/notes/sub", "/data/x"])
        variables.inputs = ["a": "/${home}/*", "b": "/odd?x"]
        #expect(try paths(text, variables) == ["/${home}/*", "/odd?x/x"])
    }

    @Test("an input without a value, and a value without an input, are refused")
    func missingInputs() {
        var variables = variables
        variables.inputs = ["b": "x"]
        let found = expandingReasons("sandboxd: 1\ninputs:\n  a: null\n", variables)
        #expect(
            found.map { brief($0, facts: ["input", "problem"]) } == [
                "R116 input=b problem=undeclared", "R116 3:3+1 input=a problem=missing",
            ])
    }

    @Test("a variable without a value is refused, unless the path may be missing")
    func unset() throws {
        var variables = variables
        (variables.server, variables.runtime) = (nil, nil)
        let text = "sandboxd: 1\nfiles:\n  read: [\"${server}/lib\", \"${server}/lib?\", \"${runtime}?\"]\n"
        #expect(
            expandingReasons(text, variables).map { brief($0, facts: ["variable", "problem"]) } == [
                "R115 3:10+15 variable=server problem=unset"
            ])
        #expect(try paths("sandboxd: 1\nfiles: {read: [\"${server}/lib?\"]}\n", variables) == [])
    }

    @Test(
        "a variable where none may stand is refused",
        arguments: [
            ("name: \"${home}\"", "misplaced"), ("include: [\"${home}/x\"]", "misplaced"), ("description: see ${home}", "misplaced"),
            ("server: {command: [\"${server}/x\"]}", "circular"), ("inputs: {a: \"${b}\", b: x}", "circular"),
            ("inputs: {a: \"${nope}\"}", "unknown"), ("server: {env: {set: {A: \"x${home}\"}}}", "misplaced"),
            ("server: {command: [\"${}\"]}", "malformed"), ("server: {command: [\"${a b}\"]}", "malformed"),
            ("server: {command: [\"${home}${cwd}\"]}", "misplaced"),
        ])
    func misplaced(line: String, problem: String) {
        let found = reasons("sandboxd: 1\n\(line)\n").filter { $0.code == .badVariable }
        #expect(found.map { $0.facts["problem"] } == [problem])
        #expect(found.first?.location?.line == 2)
    }

    @Test("what a value makes of a text is judged where the variable stands")
    func judgedValues() {
        let text = """
            sandboxd: 1
            inputs: {e: null, p: null, t: null, w: null}
            tools: {rules: [{tools: ["${t}"], effect: "${w}"}]}
            egress: {tcp: ["${e}"]}
            files: {read: ["${p}", "${p}/x"]}

            """
        var variables = variables
        variables.inputs = ["e": "example.org:1", "p": "data?", "t": "*", "w": "maybe"]
        #expect(
            expandingReasons(text, variables).map { brief($0, facts: ["problem"]) } == [
                "R113 3:26+6 problem=wildcardInValue", "R110 3:43+6", "R114 4:16+6 problem=hostName",
                "R123 5:16+6 problem=endsInQuestionMark", "R123 5:24+8 problem=notAbsolute",
            ])
        variables.inputs = ["e": "192.0.2.1:1-2", "p": "/data", "t": "get", "w": "allow"]
        #expect(expandingReasons(text, variables).isEmpty)
    }

    @Test("the command is expanded before the directory it lies in is known")
    func command() throws {
        let draft = try PolicyText.parse(source("sandboxd: 1\ninputs: {d: null}\nserver: {command: [\"${home}/bin/s\", 8080, \"${d}\"]}\n"))
        var variables = variables
        (variables.server, variables.inputs) = (nil, ["d": "/data"])
        #expect(draft.command?.map(\.value) == ["${home}/bin/s", "8080", "${d}"])
        #expect(try draft.expandedCommand(with: variables)?.map(\.value) == ["/home/ann/bin/s", "8080", "/data"])
        #expect(try draft.expanded(with: variables).server.command == ["/home/ann/bin/s", "8080", "/data"])
        #expect(draft.inputs.map(\.name) == ["d"])
        #expect(draft.inputs[0].defaultValue == nil)
    }

    @Test("a variable may begin the path of a file URI and of no other")
    func uri() {
        let found = reasons("sandboxd: 1\nmessages: {resources: [\"file://${cwd}/*\", \"https://${cwd}\"]}\n")
        #expect(found.map { brief($0) } == ["R115 2:43+16"])
    }
}
