import Descriptors
import StrictJSON

/// How what was served on one connection ended, as `serve` tells it to `connect`: over a socket of its own, which neither gate nor server ever has.
///
/// Before anything else `connect` sends a greeting, one byte that begins no message, and is answered by the same byte; that socket comes with it. The rest of
/// the connection is the client's and the gate's alone. Who connects without a greeting is served alike, and told nothing.
///
/// INVARIANT: it is told once, and an end without it means that it is not known how the server ended.
struct ServedEnding: Sendable, Hashable {
    static let greeting: UInt8 = 0
    /// Bytes that are told at most.
    static let size = 65_536

    /// What `wrap` would have ended with.
    let status: ExitStatus
    /// Lines for people; empty where there is nothing to say.
    let text: String

    init(_ status: ExitStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    /// A session's. `journal`: the unit whose journal has what servers say.
    init(_ outcome: WrapSession.Outcome, journal unit: String, advice: LearningAdvice? = nil) {
        let message = outcome.message(saidBefore: "what it said is in the journal of \(unit)")
        let next = outcome.endedUnanswered ? advice.map { "on that host, \($0.words)" } : nil
        self.init(outcome.status, [message, next].compactMap { $0 }.map { "sandboxctl: \($0)\n" }.joined())
    }

    /// The text as it is shown, whoever it came from.
    var lines: String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Escaping.line(String($0)) }.joined(separator: "\n")
    }

    /// One message of the socket. Of a text that is too long the status is left.
    var bytes: [UInt8] {
        let whole = encoded(text)
        return whole.count <= Self.size ? whole : encoded("")
    }

    private func encoded(_ text: String) -> [UInt8] { JSON.object(["status": JSON(Int(status.code)), "text": .string(text)]).encoded() }

    /// nil where it is something else.
    init?(bytes: [UInt8]) {
        guard bytes.count <= Self.size, let json = try? JSON(parsing: bytes), let status = json["status"]?.int64,
            (0...255).contains(status), let text = json["text"]?.string
        else { return nil }
        self.init(ExitStatus(Int32(status)), text)
    }
}
