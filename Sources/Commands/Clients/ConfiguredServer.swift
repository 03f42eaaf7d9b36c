import ClientConfigs

/// A server that a client on this machine is configured with.
struct ConfiguredServer: Sendable {
    /// What holds it.
    enum State: Sendable, Hashable {
        case wrapped(policy: String)
        /// By an instance that systemd runs.
        case served(instance: String)
        /// It starts a program that is called sandboxctl and is not one that is known here.
        case stranger(program: String)
        case unwrapped
        case remote(String)
        case other(ServerEntry.Oddity)
    }

    let place: ClientPlace
    let document: ConfigDocument
    let entry: ServerEntry

    var client: MCPClient { place.file.client }
    var name: String { entry.name }
    var line: Int { document.line(of: entry.offset) }

    /// The words of its command line.
    var words: [String] {
        if case .program(let program) = entry.kind { program.words } else { [] }
    }

    var wrapped: WrappedCommand? { WrappedCommand(words) }

    func state(own program: String?) -> State {
        switch entry.kind {
        case .remote(let address): return .remote(Self.withoutSecrets(address))
        case .other(let oddity): return .other(oddity)
        case .program: break
        }
        guard let wrapped else { return .unwrapped }
        guard Self.isOurs(wrapped.program, program) else { return .stranger(program: wrapped.program) }
        switch wrapped.verb {
        case .wrap(let policy): return .wrapped(policy: policy)
        case .connect(let instance): return .served(instance: instance)
        }
    }

    /// What is found in PATH, where the package and README install it, or what runs now. Any other program of that name may do anything.
    private static func isOurs(_ written: String, _ own: String?) -> Bool {
        ["sandboxctl", "/usr/bin/sandboxctl", "/usr/local/bin/sandboxctl"].contains(written)
            || own?.utf8.elementsEqual(written.utf8) == true
    }

    /// Scheme and host: the rest of an address may hold keys.
    private static func withoutSecrets(_ address: String) -> String {
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count > 2, parts[0].hasSuffix(":"), parts[1].isEmpty else { return "" }
        let host = parts[2].prefix { $0 != "?" && $0 != "#" }
        return "\(parts[0])//\(host.split(separator: "@", omittingEmptySubsequences: false).last ?? "")"
    }
}
