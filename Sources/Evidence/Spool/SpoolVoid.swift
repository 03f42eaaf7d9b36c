/// What a gate states after a failed write was finished: these numbers stand in the spool, but nothing was done on their word.
struct SpoolVoid {
    let first: UInt64
    let last: UInt64

    /// Canonical JSON.
    var body: [UInt8] { Array("{\"event\":\"void\",\"first\":\(first),\"last\":\(last)}".utf8) }
}
