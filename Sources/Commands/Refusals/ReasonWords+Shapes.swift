/// Codes about sizes, and about what is there instead.
extension ReasonWords {
    static func tooLarge(_ facts: Facts) -> ReasonWords {
        let why = "the limit is \(facts.plain("limit"))"
        return switch facts["what"] {
        case "depth": ReasonWords("the policy is nested too deeply", why: why, help: "make it flatter")
        case "bytes": ReasonWords("the policy is too long", why: why + " bytes", help: "split it by server, or include what is shared")
        case "nodes":
            ReasonWords("the policy has too many values", why: why, help: "use directories, networks and ranges instead of long lists")
        default: ReasonWords("there are too many \(facts.plain("what"))", why: why, help: "make it fewer")
        }
    }

    static func empty(_ facts: Facts) -> ReasonWords {
        if facts["place"] == "document" { return ReasonWords("the document is empty", help: "begin it with `sandboxd: 1`") }
        return ReasonWords(
            "\(facts.place) is empty", why: "an empty selection could mean nothing or everything",
            help: "give it a value, or leave the key out")
    }

    static func wrongFileKind(_ facts: Facts) -> ReasonWords {
        let kind =
            switch facts["kind"] {
            case "other": "neither a directory, a regular file nor a socket"
            default: facts.article("kind")
            }
        return ReasonWords(
            "\(facts.quoted("path")) is \(kind) and must be a \(facts.plain("expected"))", help: "name a \(facts.plain("expected"))")
    }
}
