import KernelPlan

/// What a proof came to: a value, shown as text or JSON.
struct ProofReport: Sendable, Hashable {
    var policy: String
    /// Who was asked, in a few words.
    var origin: String
    var custody: Custody
    /// In the order in which they were started; the second after the first had been ended by an attempt.
    var sessions: [String]
    /// Who tried unconfined.
    var control: String
    /// What holds each clause.
    var holders: [ProvenClause: String]
    var results: [ProofResult]
    /// Those that were never performed.
    var left: [UntriedAttempt]
    /// How many acts were performed, unconfined and inside.
    var acts: Int
    /// Endpoints elsewhere that the launch's self-test tried in a network of its own, and those that nobody tried.
    var selfTested: [String]
    /// How one repeats an attempt alone, without its id.
    var repeating: String

    var hasFinding: Bool { results.contains(where: \.isFinding) }

    /// One line of the report.
    struct Line: Sendable, Hashable {
        enum State: String, Sendable, Hashable {
            /// Everything forbidden that was tried was stopped, and what is permitted worked.
            case enforced
            /// Nothing of it is forbidden, and what was tried worked.
            case permits
            case notTried = "not-tried"
            /// A forbidden act got through, or a permitted one did not.
            case broken
        }

        var clause: ProvenClause
        var state: State
        var stopped: [ProofResult]
        var worked: [ProofResult]
        var findings: [ProofResult]
        var untried: [UntriedAttempt]
    }

    var lines: [Line] { ProvenClause.allCases.map(line) }

    private func line(_ clause: ProvenClause) -> Line {
        let own = results.filter { $0.attempt.clause == clause }
        var line = Line(
            clause: clause, state: .notTried, stopped: [], worked: [], findings: [], untried: left.filter { $0.clause == clause })
        for result in own {
            switch result.outcome {
            case .stopped: line.stopped.append(result)
            case .worked: line.worked.append(result)
            case .gotThrough, .denied: line.findings.append(result)
            case .untried(let reason): line.untried.append(UntriedAttempt(id: result.attempt.id, clause: clause, reason: reason))
            }
        }
        line.state =
            !line.findings.isEmpty ? .broken : !line.stopped.isEmpty ? .enforced : !line.worked.isEmpty ? .permits : .notTried
        return line
    }

    /// Attempts that were performed both ways.
    var tried: Int { lines.reduce(0) { $0 + $1.stopped.count + $1.worked.count + $1.findings.count } }

    /// What was not tried, by reason, in the order in which reasons come.
    var untried: [(reason: String, ids: [String])] {
        var found: [(reason: String, ids: [String])] = []
        for one in lines.flatMap(\.untried) {
            if let index = found.firstIndex(where: { $0.reason.utf8.elementsEqual(one.reason.utf8) }) {
                found[index].ids.append(one.id)
            } else {
                found.append((one.reason, [one.id]))
            }
        }
        return found
    }
}
