import ClientConfigs

extension ConfiguredServer.State {
    /// Whether `clients wrap` could do something about it.
    var isWrappable: Bool {
        switch self {
        case .wrapped, .served, .stranger, .unwrapped: true
        case .remote: false
        case .other(let oddity):
            switch oddity {
            case .builtIn: false
            // What is not understood may start something.
            case .notATable, .commandAndAddress, .badCommand, .badArguments: true
            }
        }
    }

    var isHeld: Bool {
        switch self {
        case .wrapped, .served: true
        case .stranger, .unwrapped, .remote, .other: false
        }
    }

    /// A cell of the table.
    var words: String {
        switch self {
        case .wrapped(let policy): "policy \(Escaping.line(policy))"
        case .served(let instance): "instance \(Escaping.line(instance))"
        case .stranger: "nobody, another sandboxctl"
        case .unwrapped: "nobody"
        case .remote: "nobody, remote"
        case .other(.builtIn): "nobody, built in"
        case .other: "nobody, not understood"
        }
    }

    /// In JSON.
    var code: String {
        switch self {
        case .wrapped: "wrapped"
        case .served: "served"
        case .stranger: "stranger"
        case .unwrapped: "unwrapped"
        case .remote: "remote"
        case .other(.builtIn): "built-in"
        case .other: "not-understood"
        }
    }
}

extension ServerEntry.Oddity {
    /// For the part of a sentence behind a name.
    var words: String {
        switch self {
        case .notATable: "is no table"
        case .commandAndAddress: "has both a command and an address"
        case .builtIn: "has neither a command nor an address: it is a part of its client, which starts it"
        case .badCommand: "has a command that is no text"
        case .badArguments: "has arguments that are no list of texts"
        }
    }
}
