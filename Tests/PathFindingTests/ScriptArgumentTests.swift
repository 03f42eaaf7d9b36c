import PathFinding
import Testing

@Suite("Which argument is a script")
struct ScriptArgumentTests {
    private func found(_ words: String) -> ScriptArgument {
        let arguments = words.split(separator: " ").map { Array($0.utf8) }
        return ScriptArgument(command: arguments[0], arguments: arguments)
    }

    @Test(
        "the first argument that is a file, behind options that are known",
        arguments: [
            ("/usr/bin/python3 server.py --port 1", 1), ("python3.11 -u -B server.py", 3), ("python3 -W ignore -X dev server.py", 5),
            ("python3 -Wignore server.py", 2), ("python3 -uB s.py", 2), ("python3 -- -s.py", 2),
            ("python3 --check-hash-based-pycs always s.py", 3),
            ("/opt/node/bin/node --no-warnings server.mjs", 2), ("node -r ./hook.js s.js", 3), ("node --import=./h.mjs s.mjs", 2),
            ("node --import ./h.mjs s.mjs", 3), ("sh -eu run.sh", 2), ("bash -o pipefail run.sh", 3), ("bash +x run.sh", 2),
            ("dash run.sh -c x", 1),
            ("ruby -w s.rb", 2), ("perl -wT s.pl", 2), ("php s.php", 1), ("pypy3 s.py", 1),
        ])
    func script(words: String, index: Int) {
        #expect(found(words) == .script(index))
    }

    @Test(
        "there is none where another thing is run, and nothing is guessed",
        arguments: [
            ("python3 -m mcp_server", .givenOtherwise), ("python3 -c print(1)", .givenOtherwise), ("python3 -", .givenOtherwise),
            ("python3 -ucprint(1) x.py", .givenOtherwise), ("node -e 1 x.js", .givenOtherwise), ("sh -c x.sh", .givenOtherwise),
            ("sh -ec x.sh", .givenOtherwise), ("python3 --new-option x.py", .unknownOption), ("node --new-option x.js", .unknownOption),
            ("python3 -Z x.py", .unknownOption), ("python3", .noArgument), ("python3 -u", .noArgument), ("python3 -W", .noArgument),
            ("/srv/mcp-notes server.py", .notAnInterpreter), ("uv run server.py", .notAnInterpreter),
            ("env python3 s.py", .notAnInterpreter),
            ("pythonic s.py", .notAnInterpreter),
        ] as [(String, ScriptArgument.Absence)])
    func none(words: String, why: ScriptArgument.Absence) {
        #expect(found(words) == .absent(why))
    }
}
