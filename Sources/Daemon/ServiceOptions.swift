import Layers

/// How sandboxd serves a host: what its command line may say.
struct ServiceOptions: Sendable, Hashable {
    var state = "/var/lib/sandboxd"
    var socket = "/run/sandboxd/sandboxd.sock"
    /// Where the documents lie that tighten policies, if not where a host's do.
    var layers: String?
    /// Where root's policies lie, if not where a host's do.
    var policies: String?
    /// Seconds that a session has which a reload ends.
    var drain = Self.defaultDrain
    /// The uids of its sessions.
    var users = UserRange.standard
    /// A program that is run for each call that waits for a person.
    var notify: String?
    /// The one socket that checkpoints are sent to, if not the host's.
    var journal: String?
    /// Where its sessions' cgroups are made.
    var scopes = ScopePlace.own
    /// Where metrics are served, if anywhere.
    var metrics: MetricsAddress?
    /// The file that says how the store is reached that several hosts share, if they share one.
    var store: String?

    static let defaultDrain = 30

    var layerDirectory: LayerDirectory { layers.map { LayerDirectory(path: $0, owner: 0, isRequired: true) } ?? .host }
    var policyDirectory: PolicyDirectory { policies.map { PolicyDirectory(path: $0, owner: 0) } ?? .host }
}
