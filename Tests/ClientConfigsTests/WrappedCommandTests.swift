import Testing

@testable import ClientConfigs

@Suite struct WrappedCommandTests {
    @Test(
        "a command line is read as `wrap` reads it",
        arguments: [
            (["sandboxctl", "wrap", "--policy", "p", "--", "c", "a"], "p", ["c", "a"]),
            (["/usr/bin/sandboxctl", "wrap", "--policy=p", "--name", "--policy=q", "--set", "a=--", "--", "c"], "p", ["c"]),
            (["sandboxctl", "wrap", "--quiet", "--name", "--", "--policy", "p", "--", "c", "--", "d"], "p", ["c", "--", "d"]),
            (["sandboxctl", "wrap", "--policy", "p"], "p", []),
        ] as [([String], String, [String])])
    func reads(_ words: [String], _ policy: String, _ command: [String]) {
        let wrapped = WrappedCommand(words)
        #expect(wrapped?.verb == .wrap(policy: policy))
        #expect(wrapped?.command == command)
    }

    @Test(
        "what is not `wrap`, or what it would not take, is not wrapped",
        arguments: [
            ["sandboxctl"], ["sandboxctl", "wrap", "--", "c"], ["sandboxctl", "wrap", "c", "--policy", "p"], ["sandboxctl", "check", "p"],
            ["mysandboxctl", "wrap", "--policy", "p", "--", "c"], ["sandboxctl", "wrap", "--policy", "p", "--policy", "q", "--", "c"],
            ["bash", "-c", "sandboxctl wrap --policy p -- c"], ["sandboxctl", "wrap", "--policy"],
            ["sandboxctl", "connect", "--socket", "x"],
            ["env", "sandboxctl", "wrap", "--policy", "p", "--", "c"],
        ])
    func refuses(_ words: [String]) {
        #expect(WrappedCommand(words) == nil)
    }

    @Test("`connect` leads to an instance")
    func connects() {
        #expect(WrappedCommand(["sandboxctl", "connect", "notes"])?.verb == .connect("notes"))
    }

    @Test(
        "what fetches packages or starts containers is known",
        arguments: [
            (["npx", "-y", "@a/b@1"], .node(package: "@a/b@1")), (["/usr/bin/npx", "--package=x", "y"], .node(package: "x")),
            (["npm", "exec", "--", "x"], .node(package: "x")), (["pnpm", "dlx", "x"], .node(package: "x")),
            (["bunx", "x"], .node(package: "x")),
            (["uvx", "x"], .python(package: "x")), (["uvx", "--from", "git+https://y", "x"], .python(package: "git+https://y")),
            (["uvx", "--python", "3.12", "x@1"], .python(package: "x@1")), (["uv", "tool", "run", "x"], .python(package: "x")),
            (["uv", "--quiet", "run", "x.py"], .python(package: nil)), (["pipx", "run", "--spec", "x==1", "y"], .python(package: "x==1")),
            (["docker", "run", "-i", "x"], .container), (["podman", "exec", "x"], .container), (["npx"], .node(package: nil)),
        ] as [([String], PackageRunner)])
    func knowsRunners(_ words: [String], _ runner: PackageRunner) {
        #expect(PackageRunner(words) == runner)
    }

    @Test(
        "and nothing else is",
        arguments: [["mcp-server-time"], ["npm", "start"], ["uv", "pip"], ["pipx", "list"], ["/opt/npx/server"], []])
    func knowsNoOthers(_ words: [String]) {
        #expect(PackageRunner(words) == nil)
    }
}
