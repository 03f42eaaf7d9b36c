/// What was found behind the last whole line of a file: cut off, kept under `file`.
struct TornEnd {
    let source: String
    let file: String
    let count: Int
    let digest: Digest
}
