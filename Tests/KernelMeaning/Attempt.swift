import KernelPlan
import Policy

/// One line of the list: what is performed, what of the universe it takes, and how its effect is seen from outside.
struct Attempt: Sendable {
    /// Foundation has an `Operation`, too.
    typealias Act = Operation

    /// Permitted when all of these are.
    var takes: [Act]
    var act: String
    /// `Attempt.nonce`, `.outsider` and `.signal` stand for what differs from one run to the next.
    var words: [String]
    var truth: Truth
    var props: [Prop] = []
    /// Nothing can be performed after it.
    var isLast = false

    static let nonce = "%nonce"
    static let outsider = "%outsider"
    static let signal = "%signal"

    /// What shows that it took effect.
    enum Truth: Sendable, Hashable {
        /// The call itself: what it made has no effect beyond the process.
        case claimed
        /// The answer holds what only the effect could have told.
        case told
        /// A receiver of ours got it, at this address where one is given.
        case arrived(IPAddress?)
        /// What an outsider sent to the port of its own, at this address, was heard.
        case heard(at: IPAddress)
        /// What an outsider sent from this endpoint to the port of its own was heard.
        case heardFrom(IPAddress, UInt16)
        /// The port of its own is taken.
        case taken
        case content(String)
        case empty(String)
        case exists(String, Kind)
        case gone(String)
        case mode(String)
        case time(String)
        case touched(String)
        case attribute(String)
        case signalled
    }

    enum Kind: Sendable, Hashable { case file, directory, link, fifo, socket, device }

    /// What must lie there before.
    enum Prop: Sendable, Hashable {
        /// A file that holds the nonce, of the performer's own.
        case file(String)
        /// A file that holds something else.
        case other(String)
        case directory(String)
        /// The same, somebody else's, which everybody may write.
        case others(String)
        /// A directory with one entry: the nonce.
        case listable(String)
        case link(String, to: String)
        case socket(String)
        case datagramSocket(String)
    }
}
