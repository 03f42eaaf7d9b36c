import Descriptors
import Evidence

/// `sandboxctl receipts new-key`: a key for a service manager to hand over to sandboxd.
enum ReceiptsNewKeyCommand {
    static let command = Command(
        "receipts new-key", "make a key for a log, for the service manager to hand over",
        options: [Option("name", .value("NAME"), "the log's name: the key is to follow the one that signs it")],
        help: """
            The private key goes to standard output, the public one to standard error; neither is kept. sandboxd makes its key
            itself on its first start. Where the key is not to lie on the disk, systemd hands this one over: with
            `systemd-creds encrypt --name=sandboxd-key - FILE` and LoadCredentialEncrypted=sandboxd-key:FILE in the unit.

            A log keeps its name, which stands before the first `+` of its public key (`key.pub`): a key that is to follow must
            bear it, and is handed over together with the earlier one, as `sandboxd-key-previous`, until sandboxd has started.

            The exit status is 0, or 2 for a name that a signed note cannot carry.
            """,
        run: { invocation, console in
            do throws(LogError) {
                let key = try SigningKey(generatingNamed: invocation.value("name"))
                console.write(key.text + "\n")
                console.warn(key.verifier.text + "\n")
                return .success
            } catch {
                let words = (
                    "a key cannot be called \(Escaping.quoted(invocation.value("name") ?? "")): \(error.text)",
                    "use no white space and no `+`"
                )
                console.warn(ProblemText.text(words, console.errorStyle))
                return .usage
            }
        })
}
