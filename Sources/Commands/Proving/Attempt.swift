import KernelPlan
import Policy

/// One way to break out: a row of the table.
///
/// `words` are an act of sandbox-prober and what it is done to; `{…}` stands for what is made ready (`ProofGround`), for where it is aimed
/// (`{address}`, `{port}`), and `{nonce}` for a number of the moment.
struct Attempt: Sendable {
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
    let aim: Aim
    let witness: Witness
    /// Where the policy permits it there is nothing to try.
    let onlyForbidden: Bool
    /// What the kernel is asked; all of it must be permitted for the attempt to be. Nothing: it is never permitted.
    let asks: @Sendable (Target) -> [Operation]

    init(
        _ id: String, _ clause: ProvenClause, _ what: String, _ words: String, at aim: Aim = .once, seen witness: Witness,
        onlyForbidden: Bool = false, _ asks: @escaping @Sendable (Target) -> [Operation]
    ) {
        self.id = id
        self.clause = clause
        self.what = what
        self.words = words
        self.aim = aim
        self.witness = witness
        self.onlyForbidden = onlyForbidden
        self.asks = asks
    }

    /// Everything. What a session is born with comes first: acts that fail half-way leave descriptors behind in the prober.
    static let all = beginning + network + files + processes

    /// Where one try is aimed, for saying what it asks.
    struct Target: Sendable {
        let ground: ProofGround
        let address: IPAddress
        let port: UInt16

        /// A path with its placeholders filled in.
        func path(_ template: String) -> String { ground.filled(template) }

        func file(_ act: Operation.FileAct, _ template: String) -> Operation { .file(act, path: path(template)) }
        func move(_ from: String, _ to: String) -> Operation { .move(from: path(from), to: path(to)) }
        func metadata(_ change: Operation.MetadataChange, _ template: String) -> Operation {
            .metadata(change, path: path(template), of: ground.ownership)
        }
        func unix(_ act: Operation.UnixAct, _ template: String) -> Operation {
            let name = path(template)
            return .unix(act, name.utf8.first == UInt8(ascii: "@") ? .abstract(String(name.dropFirst())) : .path(name))
        }
    }
}
