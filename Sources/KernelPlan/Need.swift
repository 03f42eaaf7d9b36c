import Policy

/// A clause that something must hold, and each way to hold it exactly, the most usual first.
struct Need {
    /// Mechanisms that together are exact for the clause, and what the plan does with them.
    struct Way {
        /// In the order of `Mechanism`; what the baseline stands on may be missing.
        var mechanisms: [Mechanism]
        var means: Means

        init(_ mechanisms: [Mechanism], _ means: Means) {
            self.mechanisms = Mechanism.allCases.filter(mechanisms.contains)
            self.means = means
        }
    }

    /// What is done with the mechanisms of a way.
    enum Means: Hashable {
        /// There is one way, and the clause itself says what.
        case asGranted
        /// The filter denies connect(2).
        case filter
        /// Landlock's ports.
        case ports
        /// Nothing is configured in the session's network namespace.
        case emptyNetwork
        /// The same, and the name proxy's listener in it.
        case door
        /// Programs on the cgroup.
        case programs
        /// Landlock's right over unix sockets, or a tree that holds no others; abstract sockets by scope or network namespace.
        case unixRight(isScoped: Bool)
        case unixTree(isScoped: Bool)
        case unixPrograms
    }

    /// What is said when no way works here.
    enum Otherwise {
        /// Each mechanism that is missing, or that it takes root.
        case mechanisms
        /// One code for the clause; the facts name each mechanism and what was seen of it.
        case code(ReasonCode, [String: String])
    }

    var clause: String
    var location: SourceLocation?
    var ways: [Way]
    var otherwise: Otherwise

    init(_ clause: String, at location: SourceLocation?, _ ways: [Way], otherwise: Otherwise = .mechanisms) {
        self.clause = clause
        self.location = location
        self.ways = ways
        self.otherwise = otherwise
    }
}
