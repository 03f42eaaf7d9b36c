/// One way to break out: a row of the table.
///
/// `words` are an act of sandbox-prober and what it is done to; `{…}` stands for what is made ready (`ProofGround`), for where it is aimed
/// (`{address}`, `{port}`), and `{nonce}` for a number of the moment.
struct Attempt: Sendable, Hashable {
    /// What it is aimed at, one try for each.
    enum Aim: Sendable, Hashable {
        /// At nothing that is counted.
        case once
        /// At one receiver, at one of each family, at all.
        case receiver, families, receivers
        /// Where the session itself would listen.
        case own
    }

    let id: String
    let clause: ProvenClause
    /// What it tries, in a few words.
    let what: String
    let words: String
    var aim = Aim.once
    let witness: Witness
    /// What the kernel is asked; all of it must be permitted for the attempt to be. Nothing: it is never permitted.
    let asks: [Ask]
    /// Where the policy permits it there is nothing to try.
    var onlyForbidden = false

    /// Everything. What a session is born with comes first: acts that fail half-way leave descriptors behind in the prober.
    static let all = beginning + network + files + processes + interfaces

    /// A row whose id is its act, unless its words say otherwise.
    init(
        _ id: String, _ clause: ProvenClause, _ what: String, _ words: String, at aim: Aim = .once, seen witness: Witness, _ asks: [Ask],
        onlyForbidden: Bool = false
    ) {
        self.id = id
        self.clause = clause
        self.what = what
        self.words = words.hasPrefix("=") ? "\(words.dropFirst())" : words.isEmpty ? id : "\(id) \(words)"
        self.aim = aim
        self.witness = witness
        self.asks = asks
        self.onlyForbidden = onlyForbidden
    }
}
