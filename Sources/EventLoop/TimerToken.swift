/// Names one timer of one loop; never used again.
public struct TimerToken: Hashable, Sendable {
    let number: UInt64
}
