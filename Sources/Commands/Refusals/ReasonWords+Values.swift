/// Codes whose words depend on a problem that is named among the facts. The problems are PolicyText's and Policy's; one that is not known here is
/// shown by its name.
extension ReasonWords {
    /// A file, or a name that was looked for in several places.
    static func unreadable(_ facts: Facts) -> ReasonWords {
        if facts["problem"] != nil { return unsearchable(facts) }
        if facts["other"] != nil { return ambiguous(facts) }
        guard facts["searched"] != nil else {
            return ReasonWords(
                "cannot read \(facts.quoted("file"))", why: ErrnoWords.text(facts.plain("error")),
                help: "check the path and who may read it")
        }
        return ReasonWords(
            "no policy is called \(facts.quoted("file"))", why: "it is neither in \(facts.plain("searched")) nor shipped",
            help: "for a file write its path, with a `/` or its ending")
    }

    /// A name that two policies have.
    private static func ambiguous(_ facts: Facts) -> ReasonWords {
        let isShipped = facts["other"] == ""
        return ReasonWords(
            "two policies are called \(facts.quoted("file"))",
            why: "one is \(facts.plain("path")), the other is \(isShipped ? "shipped" : facts.plain("other"))",
            help: "name the one that is meant by its path, e.g. `--policy \(facts.plain("path"))`, or give one of them another name")
    }

    /// A directory of policies.
    private static func unsearchable(_ facts: Facts) -> ReasonWords {
        switch facts["problem"] {
        case "noPolicies":
            ReasonWords(
                "directory \(facts.quoted("file")) holds no policy", why: "no *.yaml or *.yml in it has a key `sandboxd`",
                help: "check the path; hidden files are not looked at")
        default:
            ReasonWords(
                "directory \(facts.quoted("file")) cannot be searched", why: ErrnoWords.text(facts.plain("error")),
                help: facts["error"] == "ELOOP" ? "remove the link that leads back" : "check who may read it")
        }
    }

    static func badCharacters(_ facts: Facts) -> ReasonWords {
        let what =
            switch facts["problem"] {
            case "notUTF8": "bytes that are not UTF-8"
            case "control": "a control character"
            case "byteOrderMark": "a byte order mark"
            case "bidirectional": "a character that changes the reading direction"
            case "lineSeparator": "a line separator that YAML and editors see differently"
            case "noncharacter": "a code point that is no character"
            default: facts.plain("problem")
            }
        return ReasonWords(
            "the text has \(what)", why: "a person and the parser must read the same", help: "remove it, and save the file as UTF-8")
    }

    /// YAML guesses types; that guess is the usual mistake.
    static func wrongType(_ facts: Facts) -> ReasonWords {
        let isScalar = facts["found"] != "list" && facts["found"] != "mapping"
        let help = facts["expected"]?.hasPrefix("text") == true && isScalar ? "put it in quotes" : "write \(facts.plain("expected"))"
        return ReasonWords("\(facts.place) must be \(facts.plain("expected")), and is \(facts.article("found"))", help: help)
    }

    static func badPattern(_ facts: Facts) -> ReasonWords {
        let (why, help) =
            switch facts["problem"] {
            case "unknownWildcard": ("only `*` stands for more than itself", "use `*`, or list the names")
            case "noScheme": ("a URI begins with a scheme", "write `file:///srv/*` or `https://example.org/*`")
            case "wildcardInValue": ("a variable's value is data, and this one holds a `*`", "give a value without `*`")
            default: (facts.plain("problem"), "correct the pattern")
            }
        return ReasonWords("\(facts.quoted("pattern")) is not a pattern that can be used", why: why, help: help)
    }

    static func badAct(_ facts: Facts) -> ReasonWords {
        let (why, help) =
            switch facts["problem"] {
            case "missingTarget": ("its verb takes a target", "name the address, or the path")
            case "unexpectedTarget": ("`spawn` takes nothing", "write `spawn`")
            case "badEndpoint": ("it takes one address and one port", "write `connect 192.0.2.1:443` or `send udp [2001:db8::1]:53`")
            case "relativePath": ("its path is not absolute", "begin it with `/`, or with a variable such as `${cwd}`")
            case _: ("its verb is not known", "use connect, send udp, bind, read, list, write, create, remove, execute, chmod or spawn")
            }
        return ReasonWords("\(facts.quoted("act")) is no act", why: why, help: help)
    }

    static func badCombination(_ facts: Facts) -> ReasonWords {
        let key = facts.quoted("key")
        let (message, help) =
            switch facts["problem"] {
            case "noForm":
                ("\(facts.place) is no condition", "write `argument` with what is asked of it, or `all`, `any` or `not` with conditions")
            case "severalForms": ("\(facts.place) has a second form of condition, \(key)", "put both into the list of an `all` or `any`")
            case "operatorWithoutArgument": ("\(key) in \(facts.place) asks of no argument", "add `argument: /NAME`")
            case "noOperator": ("\(facts.place) asks nothing", "add what is asked, for example `equals: x` or `exists: true`")
            case "callAndAct": ("\(facts.place) is of a call and of an act", "make two tests of it")
            case "neitherCallNorAct": ("\(facts.place) tests nothing", "add `call: [TOOL, {…}]` or `act: connect 192.0.2.1:443`")
            default: ("\(facts.place) has keys that do not go together: \(facts.plain("problem"))", "correct it")
            }
        return ReasonWords(message, help: help)
    }

    static func notInLayer(_ facts: Facts) -> ReasonWords {
        let message = "key \(facts.quoted("key"))\(facts.inPlace) has no place in a layer"
        return switch facts["problem"] {
        case "policy": ReasonWords(message, why: "it makes a document a policy", help: "write `sandboxd-layer: 1` alone")
        case "ownDocument":
            ReasonWords(
                message, why: "a layer is one document that says the same to every session",
                help: "write it into the policy, or leave it out")
        case "server":
            ReasonWords(
                message, why: "it says what is started, and a layer only takes away",
                help: "write it into the policy; of `server` a layer may say `user`")
        default: ReasonWords(message, help: "leave it out")
        }
    }

    static func inexpressibleTightening(_ facts: Facts) -> ReasonWords {
        let message = "what this policy and layer \(facts.quoted("layer")) both permit by \(facts.quoted("clause")) cannot be written down"
        return switch facts["problem"] {
        case "tooMany": ReasonWords(message, why: "it takes too many entries", help: "make the list in one of the two shorter")
        case "interpreters":
            ReasonWords(
                message,
                why: "the layer takes away files of the list, or names others, and with them the interpreters and loaders they need",
                help: "list in the policy what the layer permits, or let the layer name directories")
        case "nobody": ReasonWords(message, why: "nobody would be left who may approve", help: "name somebody whom both name")
        default: ReasonWords(message, why: facts.plain("problem"), help: "make one of the two simpler")
        }
    }

    static func noNameserver(_ facts: Facts) -> ReasonWords {
        let message = "no nameserver that a clause can name is found in \(facts.quoted("file"))"
        if let error = facts["error"] {
            return ReasonWords(message, why: ErrnoWords.text(error), help: "make it readable, or write `dns: none`")
        }
        guard facts["leftOut"] != nil else { return ReasonWords(message, help: "name one there, or write `dns: none`") }
        return ReasonWords(
            message, why: "it names \(facts.plain("leftOut")), which are link-local or no addresses",
            help: "name others there, or write `dns: none`")
    }

    static func badEndpoint(_ facts: Facts) -> ReasonWords {
        let (why, help) =
            switch facts["problem"] {
            case "noPort": ("it names no port", "write `ADDR:PORT`, for example `203.0.113.10:443`")
            case "badPort": ("the port is not a number from 1 to 65535", "write a port, a range `n-m`, or `*`")
            case "portZero": ("port 0 means any port to the kernel, and none to a person", "write the port, or `*`")
            case "badRange": ("the range ends before it begins", "write the lower port first")
            case "hostName": ("it is a name; the kernel sees addresses", "write the address; names belong under `egress.names`")
            case "badAddress": ("the address is malformed", "write `192.0.2.1:443` or `[2001:db8::1]:443`")
            case "badPrefix": ("the prefix is longer than the address", "write `/0` to `/32`, for IPv6 to `/128`")
            case "hostBits": ("bits behind the prefix are set", "set them to zero, or write a single address")
            case "linkLocal": ("a link-local address means another host on each link", "use another address of that host")
            case "mappedAddress": ("it is an IPv4 address written as IPv6", "write it as IPv4")
            case "missingBrackets": ("an IPv6 address needs brackets before a port", "write `[ADDRESS]:PORT`")
            default: (facts.plain("problem"), "correct it")
            }
        return ReasonWords("\(facts.quoted("endpoint")) is not an endpoint", why: why, help: help)
    }

    static func badName(_ facts: Facts) -> ReasonWords {
        let (why, help) =
            switch facts["problem"] {
            case "noPort": ("it names no port", "write `NAME:PORT`, for example `api.weather.gov:443`")
            case "badPort": ("the port is not a number from 1 to 65535", "write a port, a range `n-m`, or `*`")
            case "portZero": ("port 0 means any port to the kernel, and none to a person", "write the port, or `*`")
            case "badRange": ("the range ends before it begins", "write the lower port first")
            case "address": ("it is an address, or ends like one", "write addresses under `egress.tcp`")
            case "notASCII": ("names are judged as DNS carries them", "write its A-labels, which begin with `xn--`")
            case "badLabel": ("its parts are not letters, digits, `-` and `_`", "write the bare name, without scheme and path")
            case "trailingDot": ("it ends in a dot", "leave the dot out")
            case "tooLong": ("a name has at most 253 characters, and 63 between dots", "write the name as DNS has it")
            case "badWildcard": ("`*` stands for what a name begins with", "write `*.NAME:PORT`, or `*:PORT` for every name")
            default: (facts.plain("problem"), "correct it")
            }
        return ReasonWords("\(facts.quoted("name")) is no name with a port", why: why, help: help)
    }

    static func badVariable(_ facts: Facts) -> ReasonWords {
        let variable = "`${\(facts.plain("variable"))}`"
        return switch facts["problem"] {
        case "unknown":
            ReasonWords(
                "\(variable) is not known", why: "there are `${home}`, `${cwd}`, `${runtime}`, `${server}`, and what `inputs` declares",
                help: facts.suggestion ?? "declare it under `inputs`")
        case "malformed": ReasonWords("a `${` has no name and no `}`", help: "write `${name}`")
        case "misplaced":
            ReasonWords(
                "\(variable) may not stand in the middle", why: "a variable is a whole value, or the beginning of a path",
                help: "write the value out")
        case "unset": ReasonWords("\(variable) has no value here", help: "write the value out, or set what it stands for")
        case "circular": ReasonWords("\(variable) is made of itself", help: "write one of the values out")
        default: ReasonWords("\(variable): \(facts.plain("problem"))", help: "write the value out")
        }
    }

    static func badInput(_ facts: Facts) -> ReasonWords {
        let input = facts.quoted("input")
        return switch facts["problem"] {
        case "missing": ReasonWords("input \(input) has no value", help: "give one with `--set \(facts.plain("input"))=VALUE`")
        case "undeclared": ReasonWords("the policy declares no input \(input)", help: "check `--set`, or declare it under `inputs`")
        case "badName": ReasonWords("an input cannot be called \(input)", help: "use a name that is no variable already")
        default: ReasonWords("input \(input): \(facts.plain("problem"))", help: "check `--set`")
        }
    }

    static func badInclude(_ facts: Facts) -> ReasonWords {
        switch facts["problem"] {
        case "circular":
            ReasonWords(
                "\(facts.quoted("include")) includes itself", why: "by way of other includes, or directly", help: "break the circle")
        default:
            ReasonWords(
                "include \(facts.quoted("include")) is not found", why: "it is neither a file beside the policy nor a shipped preset",
                help: nearestPreset(facts) ?? "check the name")
        }
    }

    private static func nearestPreset(_ facts: Facts) -> String? {
        Nearness.nearest(to: facts["include"] ?? "", among: ShippedPolicies.names).map { "did you mean \(Escaping.quoted($0))?" }
    }

    static func badArgumentSchema(_ facts: Facts) -> ReasonWords {
        switch facts["problem"] {
        case "unsupportedKeyword":
            ReasonWords(
                "keyword \(facts.quoted("keyword")) is not implemented",
                why: "a constraint that is not checked would permit more than it says",
                help: "leave it out, or say it with the keywords of JSON Schema 2020-12 that look at one value at a time")
        case "badValue": ReasonWords("keyword \(facts.quoted("keyword")) does not take this value", help: "see JSON Schema 2020-12")
        case "badPattern", "unsupportedFormat", "unresolvedReference", "endlessReference": badArgumentText(facts)
        case "tooDeep": ReasonWords("the schema is nested too deeply", help: "make it flatter")
        default: ReasonWords("this is not a JSON Schema", help: "write a mapping of keywords, or true or false")
        }
    }

    private static func badArgumentText(_ facts: Facts) -> ReasonWords {
        switch facts["problem"] {
        case "badPattern":
            ReasonWords(
                "this pattern cannot be used: \(facts.quoted("why"))", why: "patterns are matched by RE2, in time linear in the text",
                help: "write it without lookaround and backreferences")
        case "unsupportedFormat":
            ReasonWords(
                "format \(facts.quoted("format")) is not checked", why: "a constraint that is not checked would permit more than it says",
                help: "use date-time, date, time, email, uri, uuid, ipv4, ipv6, hostname, or a `pattern`")
        case "unresolvedReference":
            ReasonWords(
                "reference \(facts.quoted("reference")) names no schema of this document", why: "nothing is fetched from elsewhere",
                help: "put it into `$defs` and write `#/$defs/NAME`")
        default:
            ReasonWords(
                "reference \(facts.quoted("reference")) leads back to itself", why: "no value could ever be judged",
                help: "let it pass through `properties` or `items`")
        }
    }

    static func badPath(_ facts: Facts) -> ReasonWords {
        let (why, help) =
            switch facts["problem"] {
            case "notAbsolute": ("it is not absolute", "begin it with `/`, `${home}`, `${cwd}` or an input")
            case "pattern": ("paths are no patterns", "name the directory; it reaches all beneath")
            case "endsInQuestionMark": ("a trailing `?` means that the path may be absent", "use another path")
            default: (facts.plain("problem"), "correct it")
            }
        return ReasonWords("\(facts.quoted("path")) is not a path that can be granted", why: why, help: help)
    }

    static func unusableGrant(_ facts: Facts) -> ReasonWords {
        ReasonWords(
            "\(facts.quoted("path")) is of no use to \(facts.plain("user"))",
            why: "ordinary permissions of \(facts.quoted("component")) lack \(facts.plain("missing")) for that user",
            help: facts["lendable"] == nil
                ? "change them, choose another user, or remove the grant"
                : "it could be lent by a mount whose owners are mapped, which does not work here (\(facts.plain("observed"))); write `server.user: caller`, or change the permissions"
        )
    }
}
