import Policy

/// The server's environment: made from the caller's by the policy's names, values never stored.
struct ServerEnvironment {
    /// What the caller's environment holds, by name, as bytes.
    private let given: [String: [UInt8]]
    /// What the caller was handed as credentials.
    private let credentials: [String: [UInt8]]

    /// Reads `NAME=value` strings; what has no `=` is not a variable.
    init(entries: [[UInt8]], credentials: [[UInt8]] = []) {
        given = Self.values(entries)
        self.credentials = Self.values(credentials)
    }

    private static func values(_ entries: [[UInt8]]) -> [String: [UInt8]] {
        var given: [String: [UInt8]] = [:]
        for entry in entries {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > entry.startIndex else { continue }
            given[String(decoding: entry[..<equals], as: UTF8.self)] = Array(entry[(equals + 1)...])
        }
        return given
    }

    subscript(name: String) -> String? { given[name].map { String(decoding: $0, as: UTF8.self) } }

    /// Who the server is told to be.
    struct Identity: Sendable, Hashable {
        var user: String
        var home: String
    }

    /// Throws for a variable that must be passed and is not set. `NAME=value`, sorted by name.
    func entries(for clause: EnvironmentClause, as identity: Identity) throws(Refusal) -> [[UInt8]] {
        var result: [String: [UInt8]] = [:]
        for name in ["PATH", "SHELL", "TERM"] { result[name] = given[name] }
        result["PATH"] = result["PATH"] ?? Array("/usr/local/bin:/usr/bin:/bin".utf8)
        for name in ["USER", "LOGNAME"] { result[name] = Array(identity.user.utf8) }
        result["HOME"] = Array(identity.home.utf8)
        var reasons: [Reason] = []
        for passed in clause.pass {
            result[passed.value.name] = given[passed.value.name] ?? result[passed.value.name]
            if result[passed.value.name] == nil, !passed.value.isOptional {
                reasons.append(Self.missing(passed.value.name, passed.location))
            }
        }
        for secret in clause.secret {
            let value = value(of: secret.value)
            result[secret.value.name] = value
            if value == nil { reasons.append(Self.missing(secret.value, secret.location)) }
        }
        try Refusal.check(reasons)
        for (name, value) in clause.set { result[name] = Array(value.utf8) }
        return result.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            Array($0.key.utf8) + [UInt8(ascii: "=")] + $0.value
        }
    }

    private func value(of secret: EnvironmentClause.Secret) -> [UInt8]? {
        switch secret.source {
        case .environment: given[secret.name]
        case .credential: credentials[secret.name]
        }
    }

    private static func missing(_ secret: EnvironmentClause.Secret, _ location: SourceLocation) -> Reason {
        switch secret.source {
        case .environment: missing(secret.name, location)
        case .credential: Reason(.missingVariable, at: location, ["variable": secret.name, "source": secret.source.rawValue])
        }
    }

    private static func missing(_ name: String, _ location: SourceLocation) -> Reason {
        Reason(.missingVariable, at: location, ["variable": name])
    }
}
