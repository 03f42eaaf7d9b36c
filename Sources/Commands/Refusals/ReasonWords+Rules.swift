/// What rules ask for that cannot be judged exactly.
extension ReasonWords {
    static func badCondition(_ facts: Facts) -> ReasonWords {
        let value = facts.quoted("value")
        let (message, why, help) =
            switch facts["problem"] {
            case "inexactNumber":
                (
                    "the number \(value) is not read alike by all programs", "it has more digits than a double, or is beyond 2^53",
                    "compare with a shorter number, or with a string"
                )
            case "notNumber": ("\(value) is not a number", "only numbers are above or below another", "write a number without quotes")
            case "badHost":
                (
                    "\(value) is not a host that can be compared", "a host is a name in ASCII, `*.` and a name, an address or a network",
                    "write `api.example.org`, `*.example.org`, `203.0.113.10` or `10.0.0.0/8`"
                )
            case "badPath":
                (
                    "\(value) is not a path that can be compared", "programs disagree about where it leads",
                    "write an absolute path without `~`, backslashes, control characters and spaces at its ends"
                )
            case "badPattern": ("\(value) is not a regular expression that can be used", "RE2 does not take it", "write it as RE2 takes it")
            case "tooDeep": ("a condition is nested deeper than 32", "what is deep is hard to read and slow to judge", "flatten it")
            case "empty":
                ("a list of a condition has nothing in it", "nothing can be one of nothing", "leave the operator out, or fill its list")
            default: ("a condition cannot be judged: \(facts.plain("problem"))", "only what is judged exactly is enforced", "correct it")
            }
        let place = facts["argument"].map { _ in " about the argument \(facts.quoted("argument"))" } ?? ""
        return ReasonWords(message, why: "\(why); the condition\(place) is of rule \(facts.quoted("rule"))", help: help)
    }

    static func badBudget(_ facts: Facts) -> ReasonWords {
        let budget = facts.quoted("budget")
        if facts["problem"] == "conflict" {
            return ReasonWords(
                "budget \(budget) has other terms in rule \(facts.quoted("rule"))", why: "rules that name one budget share it",
                help: "give it the same `limit` and `per` everywhere, or another name here")
        }
        return ReasonWords(
            "the limit of budget \(budget) is not an amount", why: "it is negative, or a number that programs read differently",
            help: "write a number from 0 with at most 15 digits")
    }
}
