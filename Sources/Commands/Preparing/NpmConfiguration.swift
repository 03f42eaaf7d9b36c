import Descriptors

/// As far as it says where packages come from: the environment before the user's file (npmrc(5)).
struct NpmConfiguration: Sendable, Hashable {
    let registry: String?

    init(_ environment: CallerEnvironment) {
        let file = environment["npm_config_userconfig"] ?? (environment.home ?? "") + "/.npmrc"
        let bytes = (try? WorkingDirectory().contents(of: file, limit: 1 << 16)) ?? nil
        registry =
            environment["npm_config_registry"] ?? environment["NPM_CONFIG_REGISTRY"]
            ?? bytes.flatMap { Self.registry(String(decoding: $0, as: UTF8.self)) }
    }

    /// Keys stand outside of all sections.
    static func registry(_ text: String) -> String? {
        PipConfiguration.values("[global]\n" + text)["registry"]
    }
}
