import Policy

/// The facts of one reason, ready to be shown.
struct Facts {
    private let facts: [String: String]

    init(_ reason: Reason) { facts = reason.facts }

    /// Raw, for choosing words by it; never to be shown.
    subscript(_ name: String) -> String? { facts[name] }

    /// In backticks, escaped. A fact that is missing is shown as `?`: that is a mistake of ours, and no reason to say nothing.
    func quoted(_ name: String) -> String { facts[name].map { Escaping.quoted($0) } ?? "`?`" }

    /// Escaped, without backticks: words of ours.
    func plain(_ name: String) -> String { facts[name].map { Escaping.line($0) } ?? "?" }

    /// With `a` or `an`, where it takes one.
    func article(_ name: String) -> String {
        let word = plain(name)
        if word == "text" { return word }
        return ("aeiou".contains(word.prefix(1)) ? "an " : "a ") + word
    }

    /// ` in `tools.rules[0]``, or nothing where the place is the document.
    var inPlace: String { facts["place"] == "document" || facts["place"] == nil ? "" : " in \(quoted("place"))" }

    /// What must be changed: the place, or the document.
    var place: String { facts["place"] == "document" ? "the document" : quoted("place") }

    /// `did you mean …?` where something is near.
    var suggestion: String? { facts["near"].map { "did you mean \(Escaping.quoted($0))?" } }
}
