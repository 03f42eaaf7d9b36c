import Testing

@testable import Daemon

@Suite struct DaemonOptionsTests {
    @Test(
        "a command line means one thing",
        arguments: [
            ([], .service(ServiceOptions())),
            (["--layers", "/l", "--state", "/s", "--socket", "/k"], .service(ServiceOptions(state: "/s", socket: "/k", layers: "/l"))),
            (["--state", "/s", "--socket", "/k"], .service(ServiceOptions(state: "/s", socket: "/k"))),
            (
                ["--users", "100000-100299"],
                .service(ServiceOptions(users: UserRange(first: 100_000, last: 100_299)!))
            ),
            (["--private", "3", "--state", "/s"], .personal(connection: 3, state: "/s")),
            (
                ["--scopes", "sandboxd-sessions.service"],
                .service(ServiceOptions(scopes: .other("sandboxd-sessions.service")))
            ),
            (["--store-from", "/f"], .service(ServiceOptions(store: "/f"))),
            (["--hold"], .holder), (["--version"], .version), (["-h"], .help),
        ] as [([String], DaemonMode)])
    func reads(_ arguments: [String], _ mode: DaemonMode) throws {
        #expect(try DaemonMode(arguments: arguments) == mode)
    }

    @Test(
        "what is not understood is said",
        arguments: [
            (["--stat", "/s"], .unknownOption("--stat")), (["--state"], .missingValue("--state")),
            (["--state", "s"], .notAbsolute(option: "--state", path: "s")), (["--private", "-1"], .badDescriptor("-1")),
            (["--private", "x"], .badDescriptor("x")), (["--layers", "l"], .notAbsolute(option: "--layers", path: "l")),
            (["--private", "3", "--layers", "/l"], .ownLayers),
            (["--scopes", "../x"], .badScopes("../x")), (["--private", "3", "--scopes", "x"], .ownScopes),
            (["--hold", "--state"], .unknownOption("--hold")),
            (["--users", "0-9"], .badUsers("0-9")), (["--users"], .missingValue("--users")),
            (["--private", "3", "--users", "70000-70010"], .ownUsers),
            (["--metrics", "0.0.0.0:1", "--private", "3"], .badMetrics("0.0.0.0:1")),
            (["--drain", "-1"], .badDrain("-1")), (["--drain", "5", "--private", "3"], .ownPolicies),
            (["--store-from", "f"], .notAbsolute(option: "--store-from", path: "f")),
            (["--store-from", "/f", "--private", "3"], .ownStore),
            (["--journal", "/j", "--private", "3"], .ownJournal), (["--notify", "/n", "--private", "3"], .ownNotifier),
        ] as [([String], DaemonUsage)])
    func refuses(_ arguments: [String], _ usage: DaemonUsage) {
        #expect(throws: usage) { try DaemonMode(arguments: arguments) }
    }
}
