import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl receipts rotate-key`: the log is signed by a new key from here on.
enum ReceiptsRotateKeyCommand {
    static let command = Command(
        "receipts rotate-key", "exchange the key that signs the log",
        options: [CommandTable.Shared.json, CommandTable.Shared.socket],
        help: """
            sandboxd makes a new key and signs with it from here on. The exchange is a receipt that both keys signed, so that
            whoever trusts one of them can verify all of the log, before and after; the log keeps its name. The old private key is
            gone afterwards, and the public ones are kept beside the log.

            It is root's to ask. Where no sandboxd answers, each private one of yours that runs exchanges the key of its own log.
            A key that the service manager hands over is exchanged by a start of sandboxd with the new one as the credential
            `sandboxd-key` and the old one as `sandboxd-key-previous`: see `receipts new-key`.

            The exit status is 0, 1 when you may not, or 5 when there is no sandboxd, or it cannot write its log.
            """,
        run: { invocation, console in
            DaemonQuestion.perform(console) { () throws(DaemonQuestion.Problem) in
                let exchanged = try exchange(invocation)
                if invocation.has("json") {
                    let json: JSON = ["logs": .array(exchanged.map { .object($0) })]
                    console.write(json.encoded() + [UInt8(ascii: "\n")])
                } else {
                    console.write(
                        exchanged.isEmpty ? "no sandboxd runs, and so no log has a key to exchange\n" : exchanged.map(text).joined())
                }
                return exchanged.isEmpty ? .unreachable : .success
            }
        })

    private static func exchange(_ invocation: Invocation) throws(DaemonQuestion.Problem) -> [JSONObject] {
        let environment = CallerEnvironment.current()
        let sources: [ApprovalSource]
        do { sources = try ApprovalSource.all(DaemonChoice(invocation, environment), environment) } catch { throw .noDaemon(error) }
        var replies: [JSONObject] = []
        for source in sources {
            do { replies.append(try source.call(.rotateKey).parameters) } catch { throw .failed(error) }
        }
        guard replies.allSatisfy({ $0["key"]?.string != nil && $0["previous"]?.string != nil }) else { throw .malformed }
        return replies
    }

    private static func text(_ reply: JSONObject) -> String {
        "signed from here on by \(Escaping.line(reply["key"]?.string ?? ""))\n  before that by \(Escaping.line(reply["previous"]?.string ?? ""))\n"
    }
}
