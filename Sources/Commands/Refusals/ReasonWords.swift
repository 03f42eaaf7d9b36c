import Policy

/// A reason in sentences: made here, at the edge, from code and facts. Lower case, no full stop, user input in backticks.
struct ReasonWords: Sendable, Hashable {
    /// What is wrong.
    let message: String
    /// What lies behind it, where that is not plain.
    let why: String?
    /// What to do next.
    let help: String?

    init(_ message: String, why: String? = nil, help: String? = nil) {
        self.message = message
        self.why = why
        self.help = help
    }

    /// One switch over all codes: a new one breaks here.
    init(_ reason: Reason) {
        let facts = Facts(reason)
        self =
            switch reason.code {
            case .unreadable:
                Self.unreadable(facts)
            case .notYAML:
                Self(
                    "this is not YAML: \(facts.plain("problem"))", help: "check indentation, quotes and brackets here and in the line above"
                )
            case .badCharacters: Self.badCharacters(facts)
            case .severalDocuments:
                Self("a second YAML document begins here", why: "a policy is one document", help: "remove the `---`, or split the file")
            case .anchorOrTag:
                Self(
                    "\(facts.article("what")) may not stand here", why: "a policy says everything where it is read",
                    help: "write the value out")
            case .duplicateKey:
                Self(
                    "key \(facts.quoted("key")) stands twice", why: "it is first given on line \(facts.plain("firstLine"))",
                    help: "keep one of them")
            case .unknownKey: Self("unknown key \(facts.quoted("key"))\(facts.inPlace)", help: facts.suggestion ?? "remove it")
            case .foreignKey:
                Self(
                    "key \(facts.quoted("key"))\(facts.inPlace) is not part of this grammar",
                    why: "it is of a later version or of another tool; ignoring it could permit more than it says", help: "remove it")
            case .wrongType: Self.wrongType(facts)
            case .badValue:
                Self(
                    "\(facts.place) cannot be \(facts.quoted("value"))", why: "it takes \(facts.plain("expected"))", help: facts.suggestion)
            case .missingKey:
                Self(
                    "key \(facts.quoted("key")) is missing\(facts.inPlace)",
                    help: facts["key"] == "sandboxd" ? "add `sandboxd: 1`" : "add `\(facts.plain("key")):`")
            case .empty: Self.empty(facts)
            case .badPattern: Self.badPattern(facts)
            case .badEndpoint: Self.badEndpoint(facts)
            case .badName: Self.badName(facts)
            case .badVariable: Self.badVariable(facts)
            case .badInput: Self.badInput(facts)
            case .badInclude: Self.badInclude(facts)
            case .conflictingIncludes:
                Self(
                    "\(facts.place) is given two values, \(facts.quoted("value")) and \(facts.quoted("other"))",
                    why:
                        "\(facts.quoted("otherFile")) says the other on line \(facts.plain("otherLine")); lists are united, single values must agree",
                    help: "keep one of them")
            case .tooLarge: Self.tooLarge(facts)
            case .notEnforcedYet where facts["beside"] != nil:
                Self(
                    "\(facts.place) beside \(facts.quoted("beside")) is not enforced by this version yet",
                    why: "the name proxy tells its clients apart by the network that they are alone in",
                    help: "let names be the only way out, or write addresses alone")
            case .notEnforcedYet:
                Self(
                    "\(facts["value"] == nil ? facts.place : "\(facts.place): \(facts.quoted("value"))") is not enforced by this version yet",
                    why: "what cannot be held exactly is refused, never ignored",
                    help: "leave it out, or use what is enforced; the README lists both"
                )
            case .badArgumentSchema: Self.badArgumentSchema(facts)
            case .duplicateRule:
                Self(
                    "rule id \(facts.quoted("id")) stands twice", why: "it is first given on line \(facts.plain("firstLine"))",
                    help: "name one of them otherwise")
            case .badPath: Self.badPath(facts)
            case .loaderVariable:
                Self(
                    "variable \(facts.quoted("variable")) may not come from the caller", why: "it decides what code the server loads",
                    help: "give it a fixed value under `env.set`")
            case .badCombination: Self.badCombination(facts)
            case .badExpression:
                Self(
                    "\(facts.quoted("pattern")) is not a regular expression that can be used", why: facts.plain("why"),
                    help: "write it as RE2 takes it: without look-around and back references")
            case .badCondition: Self.badCondition(facts)
            case .badBudget: Self.badBudget(facts)
            case .redactsEverything:
                Self(
                    "rule \(facts.quoted("rule")) masks all arguments at once",
                    why: "an empty pointer means the whole, which is no value to mask",
                    help: "name the arguments, for example `redact: [/card]`")
            case .testFailed:
                Self(
                    "the test of \(facts.quoted("subject")) expects `\(facts.plain("expected"))` and finds `\(facts.plain("found"))`",
                    why: facts["why"].map { Escaping.line($0) },
                    help: "correct the policy, or the test; `sandboxctl decide` says more of a call")
            case .badAct: Self.badAct(facts)
            case .notInLayer: Self.notInLayer(facts)
            case .foreignLayer:
                Self(
                    "others than root may write \(facts.quoted("file"))",
                    why: "a layer holds whoever is subject to it, and is root's alone",
                    help: "make root its owner, and take write permission from everybody else")
            case .duplicateLayer:
                Self(
                    "there is another layer \(facts.quoted("layer")): \(facts.quoted("file"))",
                    why: "denials and receipts name the layer that decided",
                    help: "give one of them another `name`")
            case .inexpressibleTightening: Self.inexpressibleTightening(facts)
            case .mechanismUnavailable: Self.mechanismUnavailable(facts)
            case .needsDaemon: Self.needsDaemon(facts)
            case .inexpressible:
                Self(
                    "\(facts.quoted("clause")) cannot be held exactly on this host", why: facts.plain("gap"),
                    help: "narrow the clause, or use another host")
            case .foreignPrograms:
                Self(
                    "programs of others are attached at \(facts.quoted("hook"))",
                    why: "they could permit or forbid what this policy does not: \(facts.plain("programs"))",
                    help: "detach them, or run sandboxd in a cgroup that they do not cover")
            case .unknownSyscall:
                Self(
                    "system call \(facts.quoted("syscall")) has no number on this architecture",
                    help: "use a host of a supported architecture")
            case .unixPathUnavailable:
                Self(
                    "this host cannot tell the granted unix sockets from others", why: facts.plain("observed"),
                    help: "it needs Landlock ABI 9 (Linux 7.1), or a sandboxd that runs as root with BPF LSM; or write `unix: none`")
            case .listenWithoutFilter:
                Self(
                    "\(facts.quoted("clause")) cannot be held without the ingress filter",
                    why: "listen(2) without bind(2) takes a port that no hook sees; \(facts.plain("observed"))",
                    help: "write `tcp: none` or `tcp: any` under `ingress`, or use a host with BPF programs on cgroups")
            case .limitWithoutController:
                Self(
                    "\(facts.quoted("clause")) cannot be limited here", why: facts.plain("observed"),
                    help: "start sandboxd with `Delegate=yes` in its unit, so that its cgroup has the controller, or leave the limit out")
            case .unixBesideHooks:
                Self(
                    "`unix: any` cannot stand beside \(facts.quoted("clause"))",
                    why: "a socket that is received over a unix socket was made elsewhere, and escapes the programs that hold that clause",
                    help: "name the unix sockets by path, or write `none`")
            case .unspecifiedEndpoint:
                Self(
                    "\(facts.quoted("endpoint")) is no endpoint of its own", why: "to whoever binds it means every address of the host",
                    help: "write `*:PORT`, or the address")
            case .hiddenGrant:
                Self(
                    "\(facts.quoted("path")) is hidden by \(facts.quoted("clause"))",
                    why: "the session has a \(facts.plain("by")) of its own", help: "move it elsewhere, or write `tmp: none`")
            case .storeUnavailable:
                Self(
                    "\(facts.quoted("clause")) needs what sandboxd keeps of earlier sessions, and that cannot be used",
                    why: "\(facts.quoted("path")): \(facts.plain("problem"))",
                    help: "make room there; a damaged file can be moved away, and what it kept begins anew")
            case .pathNotFound:
                Self(
                    "\(facts.quoted("path")) cannot be found", why: ErrnoWords.text(facts.plain("error"), at: facts["component"]),
                    help: facts["clause"] == nil
                        ? "create it, correct it, or end it in `?` where it may be absent" : "create it, or name another directory")
            case .changeableLink:
                Self(
                    "\(facts.quoted("path")) leads over a link that the session could change",
                    why: "\(facts.quoted("link")) points to \(facts.quoted("target"))", help: "write \(facts.quoted("resolved"))")
            case .kernelFilesystem:
                Self(
                    "\(facts.quoted("path")) lies in a filesystem of the kernel",
                    why: "files there show and change what is outside the session",
                    help: "remove it")
            case .unusableGrant: Self.unusableGrant(facts)
            case .ownCage:
                Self(
                    "writing to \(facts.quoted("path")) would reach \(facts.quoted("reaches"))",
                    why: "that is \(facts.plain("what")): the session could change what holds it",
                    help: "grant a narrower directory, or keep the two apart")
            case .protectedFile:
                Self(
                    "writing \(facts.quoted("path")) would reach \(facts.quoted("reaches"))",
                    why: facts["changeable"] != nil
                        ? "clients, shells or git run what is written there; it is a link or has several names, and so would change though the name is kept"
                        : "clients, shells or git run what is written there; only a mount namespace leaves it out of a granted directory",
                    help: "grant a narrower directory, or write `protect: none` under `files`")
            case .severalLinks:
                Self(
                    "\(facts.quoted("path")) has \(facts.plain("links")) names", why: "writing it would change files under other names",
                    help: "copy it to a file of its own")
            case .wrongFileKind: Self.wrongFileKind(facts)
            case .noNameserver: Self.noNameserver(facts)
            case .pathTimedOut:
                Self(
                    "looking for \(facts.quoted("path")) took too long", why: "the filesystem there does not answer",
                    help: "check the mount")
            case .rootTarget:
                Self(
                    "the server would run as root", why: "uid 0 is never a target",
                    help:
                        "leave `server.user` out or write `session`; or become somebody: `sandboxctl wrap --user NAME`, as them for other commands"
                )
            case .badUser:
                Self("the server cannot run as \(facts.quoted("user"))", why: facts.plain("problem"), help: "choose another user")
            case .commandNotFound: Self("command \(facts.quoted("command")) is not found", help: "install it, or give its path")
            case .commandNotExecutable:
                Self(
                    "command \(facts.quoted("command")) cannot be executed",
                    why: ErrnoWords.text(facts.plain("error"), at: facts["component"]),
                    help: "check the file and its permissions")
            case .commandGivenTwice: Self(facts.plain("problem"), help: "name the command in `server.command` or behind `--`, not in both")
            case .missingVariable where facts["source"] == EnvironmentClause.Secret.Source.credential.rawValue:
                Self(
                    "there is no credential \(facts.quoted("variable"))", why: "the policy hands it to the server as a variable",
                    help: "give it to the unit, with `LoadCredential=\(facts.plain("variable")):FILE`; only services have credentials")
            case .missingVariable:
                Self(
                    "variable \(facts.quoted("variable")) is not set", why: "the policy passes it to the server",
                    help: "set it before `sandboxctl wrap`, or write `\(facts.plain("variable"))?` where it may be absent")
            }
    }
}
