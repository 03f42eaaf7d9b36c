import KernelPlan
import Policy

/// What was made ready for the attempts, as values: receivers, files with a secret, a process.
struct ProofGround: Sendable, Hashable {
    /// A place that words name, without its braces.
    enum Place: String, Sendable, Hashable, CaseIterable {
        /// A directory of ours that no clause reaches.
        case outside
        /// A granted directory, and the way from the directory that holds it to `outside`.
        case granted
        case fromParent = "from-parent"
        /// A directory of ours in what may be read only, and one in what may be written.
        case readable, writable
        /// The prober itself, as it was started in the session; a copy of it in `outside`.
        case prober, copy
        /// The dynamic loader, and a small program for it.
        case loader, program
        /// A process of ours outside, and where its memory holds the secret.
        case victim
        case victimMemory = "victim-memory"
        /// What our abstract sockets' names begin with.
        case abstract
        /// What is written in our files, and cannot be known otherwise.
        case secret
    }

    enum Found: Sendable, Hashable {
        case here(String)
        /// The policy grants none, so that there is nothing to try.
        case notGranted
        /// It could not be made ready: why.
        case missing(String)
    }

    /// Where one of our receivers listens, or where the session would.
    struct Endpoint: Sendable, Hashable {
        /// Stable from run to run, as the port is not.
        var label: String
        var address: IPAddress
        var port: UInt16
    }

    var places: [Place: Found]
    /// TCP and UDP receivers of ours; the first is IPv4's, the second IPv6's.
    var receivers: [Endpoint]
    /// Free.
    var own: [Endpoint]
    /// Whose the files are to the server's user.
    var ownership: Operation.Ownership
    /// What could not be made ready of endpoints that the policy names: where, and why.
    var unopened: [String: String] = [:]

    subscript(place: Place) -> Found { places[place] ?? .missing("it was not made ready") }

    /// Every place that is here, filled in; `{address}`, `{port}` and `{nonce}` stay.
    func filled(_ template: String) -> String {
        var text = template
        for place in Place.allCases {
            guard case .here(let value) = self[place], text.contains("{\(place.rawValue)}") else { continue }
            text = text.split(separator: "{\(place.rawValue)}", omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }

    /// The places that words name.
    static func places(in words: String) -> [Place] { Place.allCases.filter { words.contains("{\($0.rawValue)}") } }
}
