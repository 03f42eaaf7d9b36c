import Testing

@testable import Evidence

@Suite struct ArgumentMaskTests {
    private func masked(_ arguments: [String]) -> [String] { ArgumentMask.apply(arguments.map { Array($0.utf8) }).arguments }

    @Test(
        "a value whose name says secret is masked, and the name stays",
        arguments: [
            (["--token=abc"], ["--token=[masked]"]), (["--api-key", "abc", "x"], ["--api-key", "[masked]", "x"]),
            (["-password", "p"], ["-password", "[masked]"]), (["API_KEY=1"], ["API_KEY=[masked]"]),
            (["--dbPassword=x y"], ["--dbPassword=[masked]"]),
            (["--github-token", "--looks-like-an-option"], ["--github-token", "[masked]"]), (["--secret="], ["--secret="]),
            (["Authorization: Basic"], ["Authorization: [masked]"]), (["-H", "X-Api-Key: 1"], ["-H", "X-Api-Key: [masked]"]),
            (["--client_secret2=x"], ["--client_secret2=[masked]"]),
            (["env", "MY_AUTH=1", "python3"], ["env", "MY_AUTH=[masked]", "python3"]),
            (["--token", "a", "--verbose", "b"], ["--token", "[masked]", "--verbose", "b"]), (["--pass", "a"], ["--pass", "[masked]"]),
        ] as [([String], [String])])
    func byName(given: [String], shown: [String]) {
        #expect(masked(given) == shown)
    }

    @Test(
        "what is known as a token, or could be drawn by lot, is masked wherever it stands",
        arguments: [
            ("ghp_0123456789abcdefghijABCDEFGHIJ456789", "[masked]"), ("x=sk-proj-abcdefghijklmnop", "x=[masked]"),
            ("--value=AKIAIOSFODNN7EXAMPLE", "--value=[masked]"), ("-xghp_0123456789abcdefghij", "-x[masked]"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[masked]"), ("Bearer abcdefghijklmnop", "[masked]"),
            ("-----BEGIN PRIVATE KEY-----\nMC4C\n", "[masked]"), ("0123456789abcdef0123456789abcdef", "[masked]"),
            ("c0ffee00-1234-4abc-8def-0123456789ab", "[masked]"), ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[masked]"),
            ("Zm9vYmFyMTIzNDU2Nzg5MA==", "[masked]"), ("canary0123456789012345678901ab", "[masked]"), ("4111111111111111", "[masked]"),
            ("/srv/0123456789abcdef0123/x.py", "/srv/[masked]/x.py"),
        ])
    func byForm(given: String, shown: String) {
        #expect(masked([given]) == [shown])
    }

    @Test(
        "in a URL the password, a lone user and secret parameters are masked",
        arguments: [
            ("postgres://me:hunter2@db.example:5432/x", "postgres://me:[masked]@db.example:5432/x"),
            ("https://sometoken@host/x", "https://[masked]@host/x"), ("--url=https://a:b@host", "--url=https://a:[masked]@host"),
            ("https://host/x?user=1&access_token=2&z=3#f", "https://host/x?user=1&access_token=[masked]&z=3#f"),
            ("https://host/p@th?q=1", "https://host/p@th?q=1"),
        ])
    func urls(given: String, shown: String) {
        #expect(masked([given]) == [shown])
    }

    @Test(
        "ordinary arguments stay as they are",
        arguments: [
            "python3", "server.py", "--port=8080", "--config", "/etc/my-server/config-production.v2.yaml", "--root=/srv/data", "-v",
            "--max-old-space-size=4096",
            "@modelcontextprotocol/server-filesystem@2025.11.25", "mcp-server-fetch", "--ignore-robots-txt",
            "MyLongServerConfigurationFile",
            "2026-01-31T08:05:00Z", "1234567890", "--monkey=banana", "--keyboard=de", "--author=me", "tools/list_all_things", "", "-", "--",
        ])
    func untouched(argument: String) {
        let result = ArgumentMask.apply([Array(argument.utf8)])
        #expect(result.arguments == [argument] && result.masked == 0 && result.omitted == 0)
    }

    @Test("arguments are bounded in size and number, and it is said how many are left out")
    func bounded() {
        let result = ArgumentMask.apply([Array(String(repeating: "ä ", count: 1_000).utf8)] + [[UInt8]](repeating: [0x61], count: 200))
        #expect(result.arguments.count == ArgumentMask.most && result.omitted == 201 - ArgumentMask.most)
        #expect(result.arguments[0].utf8.count <= ArgumentMask.longest + "…".utf8.count && result.arguments[0].hasSuffix("…"))
        #expect(ArgumentMask.apply([[0xFF, 0xFE]]).arguments == ["\u{FFFD}\u{FFFD}"])
    }

    @Test("a secret that would be cut in two is masked before")
    func maskedBeforeCut() {
        let long = String(repeating: "a ", count: 250) + "ghp_0123456789abcdefghijABCDEFGHIJ456789"
        #expect(!masked([long])[0].contains("ghp_"))
    }
}
