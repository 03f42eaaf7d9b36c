import TestSupport
import Testing

@testable import ClientConfigs

/// Command lines of real configurations, and of nobody's.
@Suite struct PackageRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let words: String
        let requirements: [String]
        var program: String?
        var python: String?
        var arguments: [String] = []

        var testDescription: String { words }
    }

    @Test(
        "a runner's command line says which package, which program, and what the server's own words are",
        arguments: [
            Case(words: "uvx mcp-server-time", requirements: ["mcp-server-time"]),
            Case(
                words: "uvx mcp-server-time --local-timezone Europe/Berlin", requirements: ["mcp-server-time"],
                arguments: ["--local-timezone", "Europe/Berlin"]),
            Case(
                words: "/home/ann/.local/bin/uvx -q mcp-server-git@2025.1.14 -r .", requirements: ["mcp-server-git==2025.1.14"],
                arguments: ["-r", "."]),
            Case(words: "uvx mcp-server-fetch@latest", requirements: ["mcp-server-fetch"]),
            Case(words: "uvx mcp-server-fetch==1.2", requirements: ["mcp-server-fetch==1.2"]),
            Case(words: "uvx My_Server.Two", requirements: ["my-server-two"]),
            Case(
                words: "uvx --from mcp-server-time==2026.1 mcp-server-time", requirements: ["mcp-server-time==2026.1"],
                program: "mcp-server-time"),
            Case(
                words: "uvx --from=mcp[cli]>=1,<2 mcp run x.py", requirements: ["mcp[cli]>=1,<2"], program: "mcp",
                arguments: ["run", "x.py"]),
            Case(words: "uvx --with httpx<1,socksio --with pyyaml mcp-proxy", requirements: ["mcp-proxy", "httpx<1", "socksio", "pyyaml"]),
            Case(words: "uvx --with a[x,y],b c", requirements: ["c", "a[x,y]", "b"]),
            Case(words: "uvx --python 3.12 a@1", requirements: ["a==1"], python: "3.12"),
            Case(words: "uv tool run --isolated a -- b", requirements: ["a"], arguments: ["--", "b"]),
            Case(words: "pipx run mcp-server-time", requirements: ["mcp-server-time"]),
            Case(
                words: "pipx run --spec mcp-server-time==1 time-server x", requirements: ["mcp-server-time==1"], program: "time-server",
                arguments: ["x"]),
            Case(
                words: "npx -y @modelcontextprotocol/server-filesystem /srv", requirements: ["@modelcontextprotocol/server-filesystem"],
                arguments: ["/srv"]),
            Case(words: "npx --yes @playwright/mcp@latest --headless", requirements: ["@playwright/mcp"], arguments: ["--headless"]),
            Case(words: "npx -y server@1.2.3-beta.1", requirements: ["server@1.2.3-beta.1"]),
            Case(words: "npx -y server@^1.2", requirements: ["server@^1.2"]),
            Case(words: "npx -y -- server -y", requirements: ["server"], arguments: ["-y"]),
            Case(words: "npx -p a -p @b/c@2 run-it x", requirements: ["a", "@b/c@2"], program: "run-it", arguments: ["x"]),
            Case(words: "npx --package=a", requirements: ["a"]),
            Case(words: "npm exec a", requirements: ["a"]), Case(words: "pnpm dlx a@1.0.0", requirements: ["a@1.0.0"]),
            Case(words: "bunx a", requirements: ["a"]),
        ])
    func reads(_ tried: Case) throws {
        let request = try PackageRequest(tried.words.split(separator: " ").map(String.init))
        #expect(request.packages.map { $0.requirement(of: request.registry) } == tried.requirements)
        #expect(request.program == tried.program)
        #expect(request.python == tried.python)
        #expect(request.arguments == tried.arguments)
    }

    @Test(
        "what is no package of the registry, or could be read in two ways, is refused",
        arguments: [
            (["docker", "run", "-i", "mcp/time"], .container), (["podman", "run", "x"], .container),
            (["mcp-server-time"], .noRunner), (["npx"], .noPackage), (["uvx"], .noPackage), (["npx", "-y"], .noPackage),
            (["uv", "run", "x.py"], .noPackage), (["uvx", "--from", "a"], .noPackage), (["npx", "-p", "a", "-p", "b"], .noPackage),
            (["uvx", "--index-url", "https://x", "a"], .option("--index-url")), (["npx", "-c", "id"], .option("-c")),
            (["npx", "--registry=https://x", "a"], .option("--registry")), (["npx", "--yes=true", "a"], .option("--yes")),
            (["uvx", "--from", "a", "--from", "b", "c"], .option("--from")),
            (["pipx", "run", "--pip-args=-i x", "a"], .option("--pip-args")),
            (["uvx", "--from"], .missingValue(option: "--from")), (["uvx", "--from=", "a"], .missingValue(option: "--from")),
            (["uvx", "--from", "git+https://example.org/x", "x"], .notOfRegistry("git+https://example.org/x")),
            (["uvx", "./x"], .notOfRegistry("./x")), (["uvx", "/srv/x"], .notOfRegistry("/srv/x")),
            (["uvx", "a/b"], .notOfRegistry("a/b")),
            (["uvx", "x.whl"], .notOfRegistry("x.whl")), (["uvx", "--with", "file:x", "a"], .notOfRegistry("file:x")),
            (["npx", "github:a/b"], .notOfRegistry("github:a/b")), (["npx", "a/b"], .notOfRegistry("a/b")),
            (["npx", "@a/b/c"], .notOfRegistry("@a/b/c")), (["npx", "../x"], .notOfRegistry("../x")),
            (["npx", "x.tgz"], .notOfRegistry("x.tgz")),
            (["npx", "https://example.org/x.tgz"], .notOfRegistry("https://example.org/x.tgz")),
            (["npx", "b@npm:c"], .notOfRegistry("b@npm:c")),
            (["npx", "--", "--eval"], .badName("--eval")), (["uvx", "--", "-r"], .badName("-r")), (["npx", "@a"], .badName("@a")),
            (["npx", "@/a"], .badName("@/a")), (["npx", "@-a/b"], .badName("@-a/b")), (["npx", "A"], .badName("A")),
            (["npx", "_a"], .badName("_a")),
            (["uvx", "a b"], .badName("a b")), (["uvx", "a\nb"], .badName("a\nb")), (["uvx", "a[x"], .badName("a[x")),
            (["uvx", "a[;]"], .badName("a[;]")),
            (["uvx", "ä"], .badName("ä")), (["uvx", ""], .badName("")), (["uvx", "a-"], .badName("a-")),
            (["uvx", "a;sys_platform"], .badVersion("a;sys_platform")), (["uvx", "a===1"], .badVersion("a===1")),
            (["uvx", "a@-1"], .badVersion("a@-1")), (["uvx", "a==--x"], .badVersion("a==--x")), (["npx", "a@-1"], .badVersion("a@-1")),
            (["npx", "a@"], .badVersion("a@")), (["npx", "a@1 --x"], .badName("a@1 --x")), (["npx", "a@$(id)"], .badVersion("a@$(id)")),
            (["uvx", "--from", "a", "--", "../sh"], .badProgram("../sh")), (["npx", "-p", "a", "--", "-e"], .badProgram("-e")),
            (["uvx", "--from", "a", ".hidden"], .badProgram(".hidden")),
        ] as [([String], PackageProblem)])
    func refuses(_ words: [String], _ problem: PackageProblem) {
        #expect(throws: problem) { try PackageRequest(words) }
    }

    @Test("each word that is accepted reaches an installer as one word that is no option", arguments: 0..<64)
    func staysOneWord(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let signs = Array("ab1-_.@/[],=<>~!^*+;:# \n\\$'\"é".unicodeScalars)
        for _ in 0..<400 {
            let text = String(
                String.UnicodeScalarView((0..<Int.random(in: 1...12, using: &random)).map { _ in signs.randomElement(using: &random)! }))
            for registry in PackageRequest.Registry.allCases {
                guard let name = try? PackageName(text, of: registry) else { continue }
                let word = name.requirement(of: registry)
                #expect(
                    !word.hasPrefix("-") && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !word.contains(";") && !word.contains("#"),
                    "\(text)")
                #expect(!name.name.split(separator: "/").contains { $0 == ".." || $0 == "." }, "\(text)")
                #expect((try? PackageName(word, of: registry)) == name, "\(text)")
            }
        }
    }
}
