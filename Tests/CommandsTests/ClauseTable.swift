import KernelPlan
import Policy

@testable import Commands

/// Clauses × hosts whose profiles are saved, as Markdown: what the compiler makes of a policy that has the one clause.
enum ClauseTable {
    private static let rows: [(clause: String, value: String, policy: String)] = [
        ("`egress.tcp`", "`none`", "egress: {tcp: none}"), ("", "`any`", "egress: {tcp: any}"),
        ("", "ports: `*:443`", "egress: {tcp: [\"*:443\"]}"),
        ("", "addresses: `203.0.113.10:443`", "egress: {tcp: [\"203.0.113.10:443\"]}"),
        ("", "networks: `10.0.0.0/8:5432`", "egress: {tcp: [\"10.0.0.0/8:5432\"]}"),
        ("", "`public:443`", "egress: {tcp: [\"public:443\"]}"),
        ("`egress.udp`", "`none`", "egress: {udp: none}"), ("", "`any`", "egress: {udp: any}"), ("", "ports", "egress: {udp: [\"*:123\"]}"),
        ("", "addresses", "egress: {udp: [\"203.0.113.10:123\"]}"),
        ("`egress.unix`", "`none`", "egress: {unix: none}"), ("", "paths", "egress: {unix: [/run/socket]}"),
        ("", "`any`", "egress: {unix: any}"),
        ("`egress.dns`", "`host`", "egress: {dns: host}"), ("`egress.names`", "names", "egress: {names: [\"api.weather.gov:443\"]}"),
        ("`ingress.tcp`", "`none`", "ingress: {tcp: none}"), ("", "addresses", "ingress: {tcp: [\"127.0.0.1:8080\"]}"),
        ("`files.read`", "directories, files", "files: {read: [/srv/data, /srv/file]}"),
        ("`files.write`", "directories", "files: {write: [/srv/data]}"), ("", "single files", "files: {write: [/srv/file]}"),
        ("`files.execute`", "`none`", "files: {execute: none}"), ("", "paths", "files: {execute: [/usr/bin/git]}"),
        ("`files.metadata`", "`none`", "files: {metadata: none}"), ("", "`owned`", "files: {metadata: owned, write: [/srv/data]}"),
        ("`files.tmp`", "`private`", "files: {tmp: private}"), ("`files.proc`", "`session`", "files: {proc: session}"),
        ("`processes.spawn`", "`none`", "processes: {spawn: none}"), ("", "`any`", "processes: {spawn: any}"),
        ("`processes.tasks`", "a number", "processes: {spawn: any, tasks: 64}"),
        ("`processes.memory`", "a size", "processes: {memory: 512MiB}"),
        ("`processes.cpu`", "a share", "processes: {cpu: 50%}"),
        ("`server.user`", "`caller`", "server: {user: caller}"), ("", "`session`", "server: {user: session}"),
    ]

    /// A column for each kernel that was observed, in the order given: with a daemon, and again without.
    static func markdown(_ profiles: [HostProfile]) -> String {
        let kernels = profiles.map(\.kernel).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let columns = Custody.allCases.flatMap { custody in kernels.map { (kernel: $0, custody: custody) } }
        let headings = columns.map { ($0.custody == .daemon ? "daemon, " : "without, ") + $0.kernel }
        let lines = rows.map { row in
            line(
                [row.clause, row.value]
                    + columns.map { column in
                        cell(row.policy, profiles.first { $0.kernel == column.kernel && $0.custody == column.custody })
                    })
        }
        return ([line(["clause", "value"] + headings), "|" + String(repeating: "---|", count: headings.count + 2)] + lines)
            .map { $0 + "\n" }.joined()
    }

    private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    private static func cell(_ clause: String, _ profile: HostProfile?) -> String {
        guard let profile else { return "*not observed*" }
        var world = ExampleWorld(profile: profile)
        for path in ["/srv/file", "/usr/bin/git"] { world.paths[path] = .found(ExampleWorld.facts(path, .file)) }
        world.paths["/run/socket"] = .found(ExampleWorld.facts("/run/socket", .socket))
        let reasons = world.reasons("sandboxd: 1\nname: table\n\(clause)\n", [:])
        if reasons.isEmpty { return "exact" }
        // Ordinary permissions are another matter than what a kernel can hold.
        for (path, kind) in [("/srv/data", PathFacts.Kind.directory), ("/srv/file", .file), ("/run/socket", .socket)] {
            world.paths[path] = .found(ExampleWorld.facts(path, kind, mode: 0o777))
        }
        if profile.custody == .daemon, !clause.hasPrefix("server:"),
            world.reasons("sandboxd: 1\nname: table\nserver: {user: session}\n\(clause)\n", [:]).isEmpty
        {
            return "exact¹"
        }
        let codes = reasons.map(\.code.rawValue).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let isUnbuilt = reasons.allSatisfy { $0.code == .notEnforcedYet || $0.facts["observed"] == Observation.absent("not tried").text }
        let text = codes.joined(separator: " ")
        return isUnbuilt ? "*\(text)*" : text
    }
}
