import Foundation
import KernelPlan
import Policy
import Testing

/// Policies × invented hosts, as text, refusals too. `scripts/golden` rewrites them; the difference is reviewed.
@Suite struct GoldenPlanTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    static let pairs = InventedPolicies.named.flatMap { policy in InventedHosts.all.map { (policy.name, $0.name) } }

    @Test("a plan, or a refusal, is what it was", arguments: pairs)
    func isGolden(_ policy: String, _ host: String) throws {
        let text = Self.outcome(policy, host)
        let file = Self.directory.appending(path: "\(policy)@\(host).txt")
        if ProcessInfo.processInfo.environment["SANDBOXD_REWRITE_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    static func outcome(_ policy: String, _ host: String) -> String {
        let invented = InventedPolicies.named.first { $0.name == policy }!
        do {
            // The seccomp baseline is one table with tests of its own; here its groups are named.
            return Self.shortened(try compile(invented.policy, for: InventedHosts.named(host), launching: invented.launch).text)
        } catch {
            return error.reasons.all.map { "refused \($0.code.rawValue) \(place($0)) \(facts($0.facts))\n" }.joined()
        }
    }

    private static func shortened(_ text: String) -> String {
        text.split(separator: "\n").filter { !$0.hasPrefix("seccomp  ") || $0.hasPrefix("seccomp  #") }.map { $0 + "\n" }.joined()
    }

    private static func place(_ reason: Reason) -> String { reason.location.map { "\($0.line):\($0.column)" } ?? "-" }

    private static func facts(_ facts: [String: String]) -> String {
        facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " | ")
    }
}
