import Foundation
import KernelPlan
import Policy
import PolicyText
import Testing

/// Policies × invented hosts, as text, refusals too: one file for each policy, in which hosts with the same outcome stand together.
/// `scripts/golden` rewrites them; the difference is reviewed.
@Suite struct GoldenPlanTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    static let shipped = directory.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(
        path: "policies")
    static let rewrites = ProcessInfo.processInfo.environment["SANDBOXD_REWRITE_GOLDEN"] != nil

    static let names = InventedPolicies.named.map(\.name) + shippedNames

    static let shippedNames =
        ((try? FileManager.default.contentsOfDirectory(atPath: shipped.path)) ?? []).filter { $0.hasSuffix(".yaml") }.sorted()

    @Test("plans and refusals of a policy on every invented host are what they were", arguments: names)
    func isGolden(_ name: String) throws {
        let text = try Self.outcomes(name)
        let file = Self.directory.appending(path: "\(name).txt")
        if Self.rewrites { try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test("no golden file is left of a policy that is gone")
    func hasNoOthers() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path).sorted()
        if Self.rewrites {
            for file in files where !Self.names.contains(String(file.dropLast(4))) {
                try FileManager.default.removeItem(at: Self.directory.appending(path: file))
            }
        } else {
            #expect(files == Self.names.map { $0 + ".txt" }.sorted())
        }
    }

    // MARK: Outcomes

    static func outcomes(_ name: String) throws -> String {
        var hosts: [String: [String: [Int]]] = [:]
        var order: [String] = []
        for kind in InventedHosts.kinds {
            for abi in InventedHosts.abis {
                let outcome = try outcome(name, InventedHosts.named(kind.name, abi: abi))
                if hosts[outcome] == nil { order.append(outcome) }
                hosts[outcome, default: [:]][kind.name, default: []].append(abi)
            }
        }
        return order.map { outcome in
            let kinds = InventedHosts.kinds.compactMap { kind in
                hosts[outcome]?[kind.name].map { "## \(kind.name), Landlock ABI \(runs($0))\n" }
            }
            return kinds.joined() + outcome
        }.joined(separator: "\n")
    }

    /// `0-3 5`.
    private static func runs(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound == number - 1 {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ")
    }

    static func outcome(_ name: String, _ host: HostProfile) throws -> String {
        let (policy, launch) = try subject(name)
        do throws(Refusal) {
            return shortened(try compile(policy, for: host, launching: launch))
        } catch {
            return error.reasons.all.map { "refused \($0.code.rawValue) \(place($0)) \(facts($0.facts))\n" }.joined()
        }
    }

    /// The seccomp groups are tables with tests of their own; here they are named. Rights of the ABI stand without its number.
    static func shortened(_ plan: KernelPlan) -> String {
        plan.text.split(separator: "\n").filter { !$0.hasPrefix("seccomp  ") || $0.hasPrefix("seccomp  #") }.map { line in
            guard line.hasPrefix("landlock ABI "), let comma = line.firstIndex(of: ",") else { return line + "\n" }
            return "landlock" + line[line.index(after: comma)...] + "\n"
        }.joined()
    }

    private static func place(_ reason: Reason) -> String { reason.location.map { "\($0.line):\($0.column)" } ?? "-" }

    private static func facts(_ facts: [String: String]) -> String {
        facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " | ")
    }

    // MARK: Policies

    private static func subject(_ name: String) throws -> (Policy, LaunchFacts) {
        if let invented = InventedPolicies.named.first(where: { $0.name == name }) { return (invented.policy, invented.launch) }
        return (try shippedPolicy(name), InventedPolicies.launch(protected: ["/home/a/project/.git/hooks"]))
    }

    /// As it is shipped, with invented values of its inputs, and every path found as a directory or file that all may read.
    private static func shippedPolicy(_ name: String) throws -> Policy {
        func source(_ name: String) throws -> PolicySource {
            PolicySource(name: name, bytes: Array(try Data(contentsOf: shipped.appending(path: name))))
        }
        let main = try source(name)
        var included: [String: PolicySource] = [:], open = [main]
        while let one = open.popLast() {
            for include in try PolicyText.includes(of: one) where included[include.value] == nil {
                included[include.value] = try source(include.value + ".yaml")
                open.append(try source(include.value + ".yaml"))
            }
        }
        let draft = try PolicyText.parse(main, includes: included)
        let isByName = draft.name.hasPrefix("prepare-") && !draft.name.hasSuffix("-address")
        let inputs = Dictionary(draft.inputs.map { ($0.name, inputValue($0.name, isByName)) }, uniquingKeysWith: { first, _ in first })
        let expanded = try draft.expanded(
            with: PolicyVariables(home: "/home/a", cwd: "/home/a/project", runtime: "/run/user/1000", server: "/opt/tool", inputs: inputs))
        let nameservers = FoundNameservers(addresses: [.v4(0xcb00_7135)])
        return try expanded.resolved(with: expanded.requestedPaths.map { .found(found($0)) }, nameservers: nameservers)
    }

    private static func inputValue(_ name: String, _ isByName: Bool) -> String {
        switch name {
        case "index", "files": isByName ? "\(name).example:443" : "192.0.2.10:443"
        case "origin": "192.0.2.10:3128"
        case "endpoint": "127.0.0.1:5432"
        default: "/home/a/project"
        }
    }

    private static func found(_ request: RequestedPath) -> PathFacts {
        let name = request.path.split(separator: "/").last ?? ""
        let files = ["localtime", "timezone", "hosts", "git", "node", "chromium", "sh", "dpkg-architecture"]
        let isFile = request.purpose == .execute || name.contains(".") || files.contains(String(name))
        let resolved = request.path.replacing("/opt/tool/../..", with: "").replacing("/opt/tool/..", with: "/opt")
        let owner: UInt32 = resolved.hasPrefix("/home/a") ? 1_000 : 0
        return InventedPolicies.facts(resolved, isFile ? .file : .directory, owner: owner)
    }
}
