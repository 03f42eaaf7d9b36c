import KernelPlan

/// Codes about what a host can hold.
extension ReasonWords {
    static func mechanismUnavailable(_ facts: Facts) -> ReasonWords {
        let message = "this host cannot hold \(facts.quoted("clause"))"
        guard facts["observed"] != Observation.absent("not tried").text else {
            return ReasonWords(
                message, why: "\(mechanism(facts)) would hold it, and this version does not try it yet",
                help: "leave it out for now; it will need \(facts.plain("needs"))")
        }
        return ReasonWords(
            message, why: "\(mechanism(facts)) was tried here: \(facts.plain("observed"))", help: "it needs \(facts.plain("needs"))")
    }

    static func needsDaemon(_ facts: Facts) -> ReasonWords {
        if facts["implied"] != nil {
            return ReasonWords(
                "without `server.user` the server of a policy that root runs gets a user of the session's own, which takes a sandboxd that runs as root",
                why: "root is never the server's user", help: "start sandboxd, or run sandboxctl as the user that the server is to have")
        }
        let isUser = facts["clause"]?.hasPrefix("server.user") == true
        return ReasonWords(
            "\(facts.quoted("clause")) can only be held by a sandboxd that runs as root", why: "it takes \(mechanism(facts))",
            help: isUser
                ? "start sandboxd; without it a server runs as you, and never as root"
                : "start sandboxd, or narrow the clause to what needs no privilege")
    }

    /// By name and by what it is good for, where it is one of ours.
    private static func mechanism(_ facts: Facts) -> String {
        guard let known = facts["mechanism"].flatMap(Mechanism.init(rawValue:)) else { return facts.plain("mechanism") }
        return "`\(known.rawValue)` (\(known.meaning))"
    }
}
