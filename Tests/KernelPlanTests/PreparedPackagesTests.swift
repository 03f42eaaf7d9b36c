import Policy
import Testing

@testable import KernelPlan

@Suite struct PreparedPackagesTests {
    @Test(
        "the place of a prepared package shows in its command's path, and only there",
        arguments: [
            ("/var/lib/sandboxd/prepared/pypi/x-1/bin/x", "/var/lib/sandboxd/prepared"),
            ("/home/a/.local/state/sandboxd/prepared/npm/x/bin/x", "/home/a/.local/state/sandboxd/prepared"),
            ("/var/lib/sandboxd/prepared", nil), ("/var/lib/sandboxd/prepared/pypi", nil), ("/var/lib/sandboxd/x/prepared/pypi/y", nil),
            ("/usr/bin/env", nil), ("/", nil), ("", nil),
        ] as [(String, String?)])
    func finds(_ command: String, _ place: String?) { #expect(PreparedPackages.place(of: command) == place) }

    @Test(
        "a server that is started from a prepared package may write neither there nor above",
        arguments: [
            ("/srv/sandboxd/prepared/pypi/x-1/lib", true), ("/srv/sandboxd/prepared/npm", true), ("/srv/sandboxd/prepared", true),
            ("/srv/sandboxd", true), ("/srv/sandboxd/prepared-not", false), ("/srv/notes", false),
        ])
    func refusesWrites(_ written: String, _ isRefused: Bool) {
        var launch = InventedPolicies.launch()
        launch.chain[0].facts = InventedPolicies.facts("/srv/sandboxd/prepared/pypi/x-1/bin/x", .file)
        let policy = InventedPolicies.policy(write: [InventedPolicies.grant(InventedPolicies.facts(written, mode: 0o777))], user: .session)
        let codes: [ReasonCode]
        do throws(Refusal) {
            _ = try compile(policy, for: InventedHosts.named("daemon", abi: 7), launching: launch)
            codes = []
        } catch {
            codes = error.reasons.all.map(\.code)
        }
        #expect(codes.contains(.ownCage) == isRefused, "\(codes)")
        if !isRefused { #expect(codes.isEmpty) }
    }
}
