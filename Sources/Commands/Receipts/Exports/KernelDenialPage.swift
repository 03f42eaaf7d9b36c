/// What readers of SARIF are told of kernel denials, which have no code of their own: each receipt says which act it was.
enum KernelDenialPage {
    static let page = CodePage(
        "kernel-denial", "the kernel stopped an act that the policy does not permit",
        meaning: """
            The server tried something that its policy does not permit, and the kernel stopped it: a connection, a datagram, a listener, a file or a
            program. The receipt says which, by which mechanism, and which calls were in flight.
            """,
        why: """
            The gate judges what a client asks for; the kernel holds the server to the same policy whatever it was asked. Which call caused an act is
            inferred where only one was in flight, and not known otherwise.
            """,
        waysOut: [
            "`sandboxctl explain RECEIPT` names the smallest line of a policy that would permit it.",
            "Find out why the server wants it: it may be a feature that is not needed, or a server that is not what it seems.",
        ])
}
