import PolicyText

/// The next step after a server died at its start: the command that shows what its policy lacks.
struct LearningAdvice {
    private let invocation: Invocation
    private let texts: PolicyTexts?

    init(_ invocation: Invocation, _ texts: PolicyTexts?) {
        self.invocation = invocation
        self.texts = texts
    }

    var words: String { "to see what it lacks, start it once under a policy that lets nearly everything pass: \(command)" }

    /// As it can be typed.
    var command: String {
        var parts = ["sandboxctl", "learn", "--policy", Self.shell(invocation.value("policy") ?? invocation.arguments.first ?? "")]
        for option in ["set", "user", "socket"] {
            for value in invocation.values(option) { parts += ["--\(option)", Self.shell(value)] }
        }
        if let draft = try? texts?.draft(), !draft.credentials.isEmpty { parts.append("--with-secrets") }
        if let trailing = invocation.trailing {
            parts.append("--")
            parts += trailing.map { Self.shell(String(decoding: $0, as: UTF8.self)) }
        }
        return parts.joined(separator: " ")
    }

    /// A word of a shell; quoted where it must be, and escaped as everything that is shown.
    static func shell(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "_-./=:@%+,".utf8.contains($0) }
        return isPlain ? word : Escaping.line(ShellText.quoted(word))
    }
}
