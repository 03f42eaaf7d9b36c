import MCP

/// The place of an answer in the array that answers a batch.
struct BatchSlot: Hashable {
    /// Who sent the batch, and gets the answers.
    let side: Side
    let batch: UInt64
    /// Which of its messages is answered.
    let member: Int
}
