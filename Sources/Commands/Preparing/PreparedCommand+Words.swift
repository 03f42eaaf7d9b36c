import ClientConfigs
import Descriptors

extension PreparedCommand {
    /// One line on what is started instead.
    var notice: String {
        "\(Escaping.line(install.package)) \(Escaping.line(install.version)) as it was prepared is started: \(Escaping.line(program))"
    }
}

extension PreparedCommand.Problem {
    var words: (message: String, help: String?) {
        switch self {
        case .unfit(let problem, let command): problem.words(command)
        case .unprepared(let command):
            (
                "\(Escaping.quoted(command.first ?? "")) fetches a package when it starts, and runs whatever came",
                "install it once, to be started from there: `sandboxctl prepare -- \(Self.line(command))`"
            )
        case .changed(let install, let change, let place):
            (
                "\(Escaping.line(install.package)) \(Escaping.line(install.version)) is not what was prepared: \(change.words)",
                "`sandboxctl prepare --remove \(Escaping.line(install.name))`\(place == .system ? " as root" : ""), then prepare it anew"
            )
        case .noProgram(let name, let install, let programs):
            (
                "\(Escaping.line(install.package)) \(Escaping.line(install.version)) has no program \(Escaping.quoted(name))",
                programs.isEmpty
                    ? nil
                    : "it has \(programs.prefix(12).map { Escaping.quoted($0) }.joined(separator: ", ")); start one of them by its path"
            )
        case .noRecord(let path):
            (
                "\(Escaping.quoted(path)) lies where prepared packages lie, and there is no record of it",
                "prepare it anew; `sandboxctl prepare --list` shows what is prepared"
            )
        }
    }

    /// As a shell would read it.
    static func line(_ words: [String]) -> String { words.map { Escaping.line(ShellText.word($0)) }.joined(separator: " ") }
}

extension PackageProblem {
    /// Why a command line is not prepared, and the way out.
    func words(_ command: String) -> (message: String, help: String?) {
        let own = "install what it starts yourself, and give the program itself"
        let fetches = "\(Escaping.quoted(command)) fetches what it starts, and "
        switch self {
        case .container:
            return (
                "\(Escaping.quoted(command)) asks another daemon to start a container, which no policy here would hold",
                "install what is in the container, and give the program itself"
            )
        case .noRunner: return ("\(Escaping.quoted(command)) starts no package", nil)
        case .noPackage: return (fetches + "names no package of a registry", own)
        case .option(let option):
            return (
                fetches + "its option \(Escaping.quoted(option)) is not one that `prepare` knows",
                "leave it out, if what is installed stays the same; an index is given by `sandboxctl prepare --index`; else \(own)"
            )
        case .missingValue(let option): return ("\(Escaping.quoted(command)): \(Escaping.quoted(option)) has no value", nil)
        case .notOfRegistry(let text): return (fetches + "\(Escaping.quoted(text)) comes from elsewhere than the registry", own)
        case .badName(let text): return ("\(Escaping.quoted(text)) is no name of a package", nil)
        case .badVersion(let text): return ("\(Escaping.quoted(text)) names no version that `prepare` understands", "write `NAME@VERSION`")
        case .badProgram(let text): return ("\(Escaping.quoted(text)) is no name of a program", nil)
        }
    }
}

extension TreeChange {
    var words: String {
        switch self {
        case .added(let path): "\(Escaping.quoted(path)) was added"
        case .removed(let path): "\(Escaping.quoted(path)) is gone"
        case .changed(let path): "\(Escaping.quoted(path)) was changed"
        case .record: "the record beside it does not belong to it"
        case .unfit(let problem): problem.words
        }
    }
}

extension TreeManifest.Problem {
    var words: String {
        switch self {
        case .unreadable("", let error): "its directory cannot be read: \(ErrnoWords.text(error.name))"
        case .unreadable(let path, let error): "\(Escaping.quoted(path)) cannot be read: \(ErrnoWords.text(error.name))"
        case .tooLarge: "it has more files than a server would"
        case .oddFile(let path): "\(Escaping.quoted(path)) is neither directory nor file nor link"
        case .badName(let path): "\(Escaping.quoted(path.isEmpty ? "." : path)) holds a name that is no plain text"
        case .foreignOwner(let path, let owner): "\(Escaping.quoted(path.isEmpty ? "." : path)) belongs to uid \(owner)"
        case .othersMayWrite(let path): "\(Escaping.quoted(path.isEmpty ? "." : path)) may be written by others"
        case .severalNames(let path): "\(Escaping.quoted(path)) has another name, by which it could be changed"
        }
    }
}
