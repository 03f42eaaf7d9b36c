// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode, warnings are errors, imports are internal unless said otherwise.
let plain: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// For scripts/fuzz, all that a fuzzer may reach is built to tell it where it has been.
let isFuzzing = Context.environment["SANDBOXD_FUZZ"] != nil
let fuzzer = ["-sanitize=fuzzer,address"]
let strict = plain + (isFuzzing ? [.unsafeFlags(fuzzer)] : [])

let cStrict: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-Wno-gnu-folding-constant"])]

/// Needs libFuzzer, so that only scripts/fuzz builds it.
let fuzzing: [Target] =
    isFuzzing
    ? [
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/FuzzProgram",
            swiftSettings: strict, linkerSettings: [.unsafeFlags(fuzzer + ["-use-ld=lld"])])
    ] : []

/// What starts with each session holds its libraries itself, and the daemon one of them: see scripts/link.
let ownLinker = ["-use-ld=lld", "-Xclang-linker", "--ld-path=\(Context.packageDirectory)/scripts/link"]
let holdingLibraries: [LinkerSetting] = [.unsafeFlags(ownLinker)]
/// Without a loader, and still at another address each time.
let standalone: [LinkerSetting] = [.unsafeFlags(["-static-executable", "-Xclang-linker", "-static-pie"] + ownLinker)]

let package = Package(
    name: "sandboxd",
    products: [
        .executable(name: "sandboxd", targets: ["sandboxd"]),
        .executable(name: "sandbox-keeper", targets: ["sandbox-keeper"]),
        .executable(name: "sandbox-gate", targets: ["sandbox-gate"]),
        .executable(name: "sandbox-finder", targets: ["sandbox-finder"]),
        .executable(name: "sandbox-proxy", targets: ["sandbox-proxy"]),
        .executable(name: "sandboxctl", targets: ["sandboxctl"]),
        .executable(name: "sandbox-prober", targets: ["sandbox-prober"]),
    ],
    targets: [
        // MARK: C libraries of the distribution
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // MARK: Floor 0: pure values, and the C that Glibc lacks
        /** What may happen: values and their meaning. */
        .target(name: "Policy", swiftSettings: strict),
        /** The one JSON reader and writer, canonical form included. */
        .target(name: "StrictJSON", swiftSettings: strict),
        /** C shim for what the Glibc module lacks: epoll, timerfd, signalfd, pidfd, descriptor passing, openat2. */
        .target(name: "CLinux", cSettings: cStrict),
        /** C shim: sockets of the name proxy, and splice. */
        .target(name: "CProxy", cSettings: cStrict),
        /** C shim: one request to a systemd manager, through libsystemd where it is there. */
        .target(name: "CServiceManager", cSettings: cStrict, linkerSettings: [.linkedLibrary("dl")]),
        /** C shim: libpq's functions, where it is there. */
        .target(name: "CPostgres", cSettings: cStrict, linkerSettings: [.linkedLibrary("dl")]),
        /** C shim for RE2, which is C++. */
        .target(
            name: "CRE2", cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),

        // MARK: Floor 1
        /** The launch code between clone and exec, the self-test's acts, and the keeper's wire format. */
        .target(name: "CLaunch", dependencies: ["CLinux"], cSettings: cStrict),
        /** Owned descriptors and the typed system calls that every process needs. */
        .target(name: "Descriptors", dependencies: ["CLinux"], swiftSettings: strict),
        /** Rules and a call give a decision; compiled once, pure. */
        .target(name: "Decision", dependencies: ["Policy", "StrictJSON", "CRE2"], swiftSettings: strict),
        /** Policy and host profile give an exact plan, or a refusal; pure. */
        .target(name: "KernelPlan", dependencies: ["Policy", "StrictJSON"], swiftSettings: strict),
        /** Framing, JSON-RPC and the messages of both protocol eras. */
        .target(name: "MCP", dependencies: ["StrictJSON"], swiftSettings: strict),
        /** Receipts, spool, log, checkpoints, verifying. */
        .target(name: "Evidence", dependencies: ["StrictJSON", "Descriptors", "CLinux", "CCrypto"], swiftSettings: strict),
        /** The loop, timers, signals, bounded queues. */
        .target(name: "EventLoop", dependencies: ["CLinux", "Descriptors"], swiftSettings: strict),
        /** What a path of a policy resolves to, as seen with the caller's credentials. */
        .target(name: "PathFinding", dependencies: ["Policy", "CLaunch", "CLinux", "Descriptors", "StrictJSON"], swiftSettings: strict),

        /** Configurations of MCP clients as text: what they say, where, and edits of nothing but that; pure. */
        .target(name: "ClientConfigs", dependencies: ["CYaml"], swiftSettings: strict),

        // MARK: Floor 2
        /** YAML to `Policy`, with positions; diagnostics as values. */
        .target(name: "PolicyText", dependencies: ["Policy", "Decision", "StrictJSON", "CYaml"], swiftSettings: strict),
        /** What a host's layers make of a policy, for daemon and command line alike. */
        .target(
            name: "Layers", dependencies: ["Policy", "PolicyText", "PathFinding", "Evidence", "StrictJSON", "Descriptors"],
            swiftSettings: strict, plugins: ["EmbedPolicies"]),
        /** What gate and daemon say to each other. */
        .target(
            name: "SessionProtocol", dependencies: ["Policy", "Decision", "StrictJSON", "Descriptors", "Evidence", "EventLoop"],
            swiftSettings: strict),
        /** What sandboxctl and daemon say to each other (varlink). */
        .target(
            name: "ControlProtocol", dependencies: ["Policy", "KernelPlan", "CLaunch", "StrictJSON", "CLinux", "Descriptors", "EventLoop"],
            swiftSettings: strict),
        /** C shim: landlock, seccomp, bpf, probes. */
        .target(
            name: "CKernel", dependencies: ["CLaunch", "CLinux"], cSettings: cStrict,
            linkerSettings: [.linkedLibrary("bpf"), .linkedLibrary("seccomp"), .linkedLibrary("cap")]),

        // MARK: Floor 3
        /** The only importer of CKernel: probe, apply, launch; the embedded BPF. */
        .target(
            name: "Kernel",
            dependencies: ["CKernel", "CLaunch", "KernelPlan", "Policy", "StrictJSON", "CLinux", "Descriptors", "EventLoop"],
            swiftSettings: strict, plugins: ["CompileBPF"]),

        // MARK: Floor 4
        /** `GateState.step` and what drives it. */
        .target(
            name: "Gate",
            dependencies: ["Decision", "MCP", "SessionProtocol", "Policy", "StrictJSON", "CLinux", "Descriptors", "Evidence", "EventLoop"],
            swiftSettings: strict),
        /** What a session's server reaches by name: requests and names judged, and passed on. */
        .target(
            name: "Proxy",
            dependencies: ["Policy", "SessionProtocol", "Evidence", "StrictJSON", "EventLoop", "Descriptors", "CLinux", "CProxy", "CAres"],
            swiftSettings: strict),
        /** What outlives sessions: approvals, day budgets, pins; in SQLite, and in PostgreSQL what hosts share. */
        .target(
            name: "Store", dependencies: ["Policy", "Evidence", "StrictJSON", "Descriptors", "EventLoop", "CSQLite", "CPostgres"],
            swiftSettings: strict),

        // MARK: Floor 5
        /** Sessions, control socket, log. */
        .target(
            name: "Daemon",
            dependencies: [
                "Kernel", "KernelPlan", "Policy", "PolicyText", "Decision", "StrictJSON", "Evidence", "EventLoop", "Descriptors", "CLinux",
                "PathFinding", "Layers", "SessionProtocol", "ControlProtocol", "Store", "CServiceManager",
            ],
            swiftSettings: strict),
        /** The command table, and rendering. */
        .target(
            name: "Commands",
            dependencies: [
                "Policy", "PolicyText", "Decision", "KernelPlan", "MCP", "StrictJSON", "Evidence", "EventLoop", "Descriptors", "CLinux",
                "PathFinding", "Layers", "ControlProtocol", "Gate", "ClientConfigs",
            ],
            swiftSettings: strict, plugins: ["EmbedPolicies"]),

        // MARK: Floor 6: `@main` and nothing else
        .executableTarget(name: "sandboxd", dependencies: ["Daemon"], swiftSettings: strict, linkerSettings: holdingLibraries),
        .executableTarget(name: "sandbox-gate", dependencies: ["Gate"], swiftSettings: strict, linkerSettings: standalone),
        .executableTarget(name: "sandbox-proxy", dependencies: ["Proxy"], swiftSettings: strict, linkerSettings: standalone),
        .executableTarget(name: "sandbox-finder", dependencies: ["PathFinding"], swiftSettings: strict, linkerSettings: standalone),
        .executableTarget(name: "sandboxctl", dependencies: ["Commands"], swiftSettings: strict, linkerSettings: holdingLibraries),
        // Static and without the Swift runtime: it stays for the life of a session and links nothing but libc.
        .executableTarget(
            name: "sandbox-keeper", dependencies: ["CLaunch"], cSettings: cStrict,
            linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),

        // Static, so that no grant but its own is needed to start it: it tries what policies forbid.
        .executableTarget(
            name: "sandbox-prober", cSettings: cStrict + [.unsafeFlags(["-Wno-missing-field-initializers", "-Wno-unused-parameter"])],
            linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),

        // MARK: Tools of the build
        /** Writes a Swift file that holds other files' bytes. */
        .executableTarget(name: "embed-file", swiftSettings: plain),
        /** What lies in bpf, compiled by the toolchain's clang, as `EmbeddedBPF`. */
        .plugin(name: "CompileBPF", capability: .buildTool(), dependencies: ["embed-file"]),
        /** What lies in policies, as `ShippedPolicies`. */
        .plugin(name: "EmbedPolicies", capability: .buildTool(), dependencies: ["embed-file"]),

        // MARK: Benchmarks
        /** Counts allocations of a program that links it. */
        .target(name: "CAllocations", path: "Tests/CAllocations", cSettings: cStrict),
        /** What policies cost: measured within one process, printed as JSON for scripts/bench. */
        .executableTarget(
            name: "policy-bench", dependencies: ["CAllocations", "Decision", "KernelPlan", "MCP", "Policy", "PolicyText", "StrictJSON"],
            path: "Tests/PolicyBench", swiftSettings: strict),
        /** What evidence costs within one process, and logs to verify, for scripts/bench. */
        .executableTarget(
            name: "evidence-bench", dependencies: ["Descriptors", "Evidence"], path: "Tests/EvidenceBench", swiftSettings: strict),

        // MARK: Tests
        /** Performs a list of operations, confined or not. Static, so that no grant but its own is needed to start it. */
        .executableTarget(
            name: "acts", path: "Tests/Programs/acts", cSettings: cStrict,
            linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),
        /** Lets a step of a launch fail, in programs that link it. */
        .target(name: "CFaults", dependencies: ["CLaunch"], path: "Tests/CFaults", cSettings: cStrict),
        .executableTarget(
            name: "faulty-sandboxd", dependencies: ["CFaults", "Daemon", "Kernel", "Descriptors"], path: "Tests/FaultyDaemon",
            swiftSettings: strict),
        .executableTarget(
            name: "faulty-finder", dependencies: ["CFaults", "PathFinding"], path: "Tests/FaultyFinder", swiftSettings: strict,
            linkerSettings: standalone),
        .executableTarget(
            name: "faulty-keeper", dependencies: ["CFaults", "CLaunch"], path: "Tests/FaultyKeeper", cSettings: cStrict,
            linkerSettings: [.unsafeFlags(["-static-executable", "-nostartfiles"])]),
        /** A gate that hides what the kernel denies, for a test of who finds it. */
        .executableTarget(
            name: "hiding-gate", dependencies: ["Gate", "SessionProtocol", "EventLoop", "Descriptors", "CLinux"],
            path: "Tests/Programs/hiding-gate", swiftSettings: strict, linkerSettings: standalone),
        /** Namespaces in which a test may reach every address, and who receives there. */
        .target(name: "CStage", path: "Tests/CStage", cSettings: cStrict),
        /** What holds plans against the kernel that it runs on: the tests' here, and any that `kernel-meaning` is run on. */
        .target(
            name: "KernelMeaning",
            dependencies: ["TestSupport", "CStage", "Kernel", "KernelPlan", "PathFinding", "Policy", "Descriptors"],
            path: "Tests/KernelMeaning", swiftSettings: strict),
        .executableTarget(
            name: "kernel-meaning", dependencies: ["KernelMeaning", "acts", "sandbox-keeper"], path: "Tests/KernelMeaningProgram",
            swiftSettings: strict),
        .testTarget(
            name: "KernelMeaningTests", dependencies: ["KernelMeaning", "TestSupport", "KernelPlan", "Policy", "acts", "sandbox-keeper"],
            exclude: ["untestable"], swiftSettings: strict),
        /** Acts that need a process, a cgroup and a network namespace of their own. */
        .target(name: "CEscapes", dependencies: ["CLaunch"], path: "Tests/CEscapes", cSettings: cStrict),
        .testTarget(
            name: "CLaunchTests", dependencies: ["CLaunch", "CKernel", "CLinux", "CEscapes"], swiftSettings: strict, plugins: ["CompileBPF"]
        ),
        /** What several test targets use: random numbers from a seed, directories that go. */
        .target(name: "TestSupport", dependencies: ["Descriptors", "CLinux"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "DescriptorsTests", dependencies: ["TestSupport", "Descriptors"], swiftSettings: strict),
        .testTarget(name: "EventLoopTests", dependencies: ["TestSupport", "EventLoop", "Descriptors"], swiftSettings: strict),
        .testTarget(name: "EvidenceTests", dependencies: ["TestSupport", "Evidence", "StrictJSON", "Descriptors"], swiftSettings: strict),
        .testTarget(
            name: "DecisionTests", dependencies: ["TestSupport", "Decision", "Policy", "StrictJSON"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "ClientConfigsTests", dependencies: ["TestSupport", "ClientConfigs", "PathFinding"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "TestSupport", "ClientConfigs", "Commands", "Evidence", "Decision", "Gate", "MCP", "PolicyText", "ControlProtocol",
                "KernelPlan", "Policy",
                "StrictJSON", "Descriptors", "EventLoop",
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ControlProtocolTests",
            dependencies: ["TestSupport", "ControlProtocol", "Policy", "KernelPlan", "CLaunch", "StrictJSON", "Descriptors", "EventLoop"],
            swiftSettings: strict),
        .testTarget(name: "PolicyTests", dependencies: ["TestSupport", "Policy", "KernelPlan"], swiftSettings: strict),
        /** Lets one thread of a test look at files as another user. */
        .target(name: "CCredentials", path: "Tests/CCredentials", cSettings: cStrict),
        .testTarget(
            name: "PathFindingTests",
            dependencies: ["TestSupport", "PathFinding", "Policy", "Descriptors", "StrictJSON", "CCredentials", "CEscapes", "CLinux"],
            swiftSettings: strict),
        .testTarget(
            name: "PolicyTextTests", dependencies: ["TestSupport", "PolicyText", "Policy", "StrictJSON", "Descriptors", "PathFinding"],
            swiftSettings: strict),
        .testTarget(
            name: "GateTests",
            dependencies: [
                "TestSupport", "Gate", "Decision", "Descriptors", "EventLoop", "Evidence", "MCP", "Policy", "SessionProtocol", "StrictJSON",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["TestSupport", "Store", "StrictJSON", "Descriptors", "EventLoop"], swiftSettings: strict),
        /** Does with a shared store what a daemon does, for tests of several at once. */
        .executableTarget(
            name: "store-worker", dependencies: ["Store", "StrictJSON", "Descriptors", "EventLoop"], path: "Tests/StoreWorker",
            swiftSettings: strict),
        .testTarget(
            name: "ProxyTests", dependencies: ["TestSupport", "Proxy", "Policy", "EventLoop", "Descriptors", "CLinux"], swiftSettings: strict),
        .testTarget(name: "MCPTests", dependencies: ["MCP", "StrictJSON"], swiftSettings: strict),
        .testTarget(
            name: "LayersTests", dependencies: ["TestSupport", "Layers", "Policy", "PolicyText", "Descriptors"], swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "TestSupport", "Daemon", "ControlProtocol", "PathFinding", "Kernel", "KernelPlan", "Policy", "PolicyText", "Descriptors",
                "EventLoop",
                "SessionProtocol", "Store", "StrictJSON", "Evidence",
            ], swiftSettings: strict),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "TestSupport", "Kernel", "CKernel", "CLaunch", "CLinux", "CEscapes", "KernelPlan", "Policy", "Descriptors", "EventLoop",
                "SessionProtocol", "StrictJSON",
            ], swiftSettings: strict),
        .testTarget(
            name: "KernelPlanTests", dependencies: ["TestSupport", "KernelPlan", "Policy", "PolicyText", "StrictJSON"],
            exclude: ["Golden", "GoldenHosts"], swiftSettings: strict),
        /** What is done with any bytes, and must neither crash nor contradict itself. */
        .target(
            name: "FuzzTargets",
            dependencies: [
                "TestSupport", "ClientConfigs", "ControlProtocol", "Decision", "Descriptors", "EventLoop", "Gate", "KernelPlan", "MCP",
                "Policy",
                "PolicyText", "Proxy",
                "SessionProtocol", "StrictJSON",
            ],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport", "Decision", "Policy", "PolicyText", "StrictJSON"],
            exclude: ["Fixtures"], swiftSettings: strict),
        /** C shim for simdjson, which is C++: another reader of JSON, to be held against ours. */
        .target(
            name: "CSimdjson", path: "Tests/CSimdjson", cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .testTarget(
            name: "StrictJSONTests", dependencies: ["TestSupport", "StrictJSON", "CSimdjson"], exclude: ["Fixtures"], swiftSettings: strict),
    ] + fuzzing,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
