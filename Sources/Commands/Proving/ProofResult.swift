/// What came of one attempt.
struct ProofResult: Sendable, Hashable {
    enum Outcome: Sendable, Hashable {
        /// Forbidden, and it did not come off: by what errno, or how it ended.
        case stopped(String)
        /// Permitted, and it came off.
        case worked
        /// Forbidden, and it came off: what was seen.
        case gotThrough(String)
        /// Permitted, and it did not come off.
        case denied(String)
        /// Nothing can be said: why.
        case untried(String)
    }

    let attempt: AimedAttempt
    let outcome: Outcome

    var isFinding: Bool {
        switch outcome {
        case .gotThrough, .denied: true
        case .stopped, .worked, .untried: false
        }
    }
}
