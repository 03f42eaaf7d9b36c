/// What became of a call that was held.
enum HoldOutcome: String {
    case granted, denied, expired
    /// The client took it back, or went away.
    case cancelled
    /// The policy was tightened, and denies it.
    case superseded
    /// It was answered before anybody decided; whatever is decided is for the next call like it.
    case left
    /// Answered with a question to the client's user.
    case asked
    /// Whoever had to decide, or to do it, is gone.
    case lost
}
