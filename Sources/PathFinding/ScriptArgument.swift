/// Which of a command's arguments is the script that an interpreter runs.
///
/// An interpreter is known by the last component of the command's path (`known`). The script is its first argument that does not begin with `-`
/// (of shells `+`, too), if all options before it are ones of which is known whether the next argument is their value, and none of them says
/// that there is no script (`python3 -m`, `sh -c`). Anything else is no script here: nothing is guessed.
public enum ScriptArgument: Sendable, Hashable {
    /// The argument at this index, as it was given.
    case script(Int)
    case absent(Absence)

    /// Why there is none. The raw values stand in receipts.
    public enum Absence: String, Sendable, Hashable, CaseIterable {
        /// The command is no interpreter that is known.
        case notAnInterpreter = "the command is no interpreter that is known"
        /// `-c`, `-m`, `-e`, `-`.
        case givenOtherwise = "the interpreter is given no file"
        case unknownOption = "it is not known which argument is the script"
        case noArgument = "the interpreter has no argument that is a file"
    }

    /// `command`: the path that is started. `arguments`: with the zeroth.
    public init(command: [UInt8], arguments: [[UInt8]]) {
        guard let interpreter = Interpreter(command: command) else {
            self = .absent(.notAnInterpreter)
            return
        }
        self = interpreter.script(in: arguments)
    }
}

/// How an interpreter reads its command line, as far as it is needed to find the script.
private struct Interpreter {
    /// Letters of options without a value; they may stand together.
    var flags: [UInt8]
    /// Letters whose value is the rest of the argument or the next one.
    var valued: [UInt8]
    /// Letters and words that say that no file is run.
    var others: Set<String>
    /// Long options without a value.
    var longFlags: Set<String> = []
    /// Long options whose value is the next argument unless it stands behind `=`.
    var longValued: Set<String> = []
    var hasPlus = false

    init?(command: [UInt8]) {
        let name = String(decoding: command.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
        // `python3.11` is `python`.
        let stem = String(decoding: name.utf8.prefix { !($0 == 0x2E || (0x30...0x39).contains($0)) }, as: UTF8.self)
        switch stem {
        case "python", "pypy":
            self.init(
                flags: "bBdEhiIOPqsSuvVxRt?", valued: "WX", others: ["-c", "-m", "-", "-h", "-V", "--help", "--version"], longFlags: [],
                longValued: ["--check-hash-based-pycs"])
        case "node", "nodejs":
            self.init(
                flags: "i", valued: "rC",
                others: ["-e", "-p", "-i", "-v", "-h", "-", "--eval", "--print", "--interactive", "--test", "--run", "--help"],
                longFlags: [
                    "--no-warnings", "--enable-source-maps", "--experimental-strip-types", "--no-deprecation", "--trace-warnings",
                    "--expose-gc",
                    "--preserve-symlinks", "--experimental-vm-modules", "--use-system-ca",
                ], longValued: ["--require", "--import", "--loader", "--experimental-loader", "--conditions", "--env-file"])
        case "sh", "dash", "bash", "ksh", "zsh":
            self.init(
                flags: "aefhklmnptuvxBCEHPTr", valued: "oO", others: ["-c", "-s", "-i", "-", "--help", "--version"],
                longFlags: ["--norc", "--noprofile", "--posix", "--login"], longValued: ["--rcfile", "--init-file"], hasPlus: true)
        case "ruby":
            self.init(flags: "wWvadlnpsUT", valued: "IrCKE", others: ["-e", "-h", "-", "-x", "--version", "--help"])
        case "perl":
            self.init(flags: "wWXtTuUcsanlp", valued: "", others: ["-e", "-E", "-h", "-v", "-V", "-", "-x"])
        case "php": self.init(flags: "nqC", valued: "cd", others: ["-r", "-S", "-a", "-i", "-m", "-v", "-"], longFlags: [], longValued: [])
        default: return nil
        }
    }

    private init(
        flags: String, valued: String, others: Set<String>, longFlags: Set<String> = [], longValued: Set<String> = [], hasPlus: Bool = false
    ) {
        self.flags = Array(flags.utf8)
        self.valued = Array(valued.utf8)
        self.others = others
        self.longFlags = longFlags
        self.longValued = longValued
        self.hasPlus = hasPlus
    }

    func script(in arguments: [[UInt8]]) -> ScriptArgument {
        var index = 1
        while index < arguments.count {
            switch kind(of: arguments[index]) {
            case .file: return .script(index)
            case .flag: index += 1
            case .valued: index += 2
            case .end: return index + 1 < arguments.count ? .script(index + 1) : .absent(.noArgument)
            case .other: return .absent(.givenOtherwise)
            case .unknown: return .absent(.unknownOption)
            }
        }
        return .absent(.noArgument)
    }

    private enum Kind { case file, flag, valued, end, other, unknown }

    private func kind(of argument: [UInt8]) -> Kind {
        let text = String(decoding: argument, as: UTF8.self)
        guard argument.first == UInt8(ascii: "-") || hasPlus && argument.first == UInt8(ascii: "+") else {
            return argument.isEmpty ? .unknown : .file
        }
        if text.utf8.elementsEqual("--".utf8) { return .end }
        if others.contains(text) { return .other }
        if argument.starts(with: "--".utf8) { return long(text, argument) }
        return letters(argument.dropFirst())
    }

    private func long(_ text: String, _ argument: [UInt8]) -> Kind {
        if let border = argument.firstIndex(of: UInt8(ascii: "=")) {
            let name = String(decoding: argument[..<border], as: UTF8.self)
            return others.contains(name) ? .other : longFlags.contains(name) || longValued.contains(name) ? .flag : .unknown
        }
        return longFlags.contains(text) ? .flag : longValued.contains(text) ? .valued : .unknown
    }

    /// Letters that stand together: the first with a value takes the rest.
    private func letters(_ letters: ArraySlice<UInt8>) -> Kind {
        for (index, letter) in zip(letters.indices, letters) {
            if others.contains("-" + String(decoding: [letter], as: UTF8.self)) { return .other }
            if valued.contains(letter) { return index + 1 < letters.endIndex ? .flag : .valued }
            guard flags.contains(letter) else { return .unknown }
        }
        return letters.isEmpty ? .unknown : .flag
    }
}
