import ClientConfigs
import Descriptors
import Glibc
import StrictJSON

/// What `wrap` starts in place of a command line that fetches a package: the same package, prepared, and unchanged since.
struct PreparedCommand {
    let install: PreparedInstall
    /// The program's path.
    let program: String
    let arguments: [String]

    var words: [String] { [program] + arguments }

    /// Why nothing is started.
    enum Problem: Error, Sendable, Hashable {
        /// The command line cannot be prepared.
        case unfit(PackageProblem, command: String)
        /// It can, and is not.
        case unprepared(command: [String])
        case changed(PreparedInstall, TreeChange, place: PreparedPlace)
        /// It is prepared, and has no program of that name.
        case noProgram(String, in: PreparedInstall, has: [String])
        /// It lies where prepared packages lie, and there is no record of it.
        case noRecord(path: String)
    }

    /// Nil for a command that fetches nothing.
    init?(_ words: [String], in places: [PreparedPlace]) throws(Problem) {
        guard PackageRunner(words) != nil else { return nil }
        let request: PackageRequest
        do { request = try PackageRequest(words) } catch { throw .unfit(error, command: words.first ?? "") }
        try self.init(request, words, in: places)
    }

    private init(_ request: PackageRequest, _ words: [String], in places: [PreparedPlace]) throws(Problem) {
        for place in places {
            guard let found = place.installs().first(where: { $0.answers(request) }) else { continue }
            install = found
            program = try Self.program(of: request, in: found)
            arguments = request.arguments
            return
        }
        throw .unprepared(command: Array(words.dropLast(request.arguments.count)))
    }

    /// Absolute.
    static func program(of request: PackageRequest, in install: PreparedInstall) throws(Problem) -> String {
        let programs = programs(of: install)
        let wanted = request.program ?? ownProgram(of: install) ?? request.package.plainName
        if programs.contains(wanted) { return "\(install.programs)/\(wanted)" }
        throw .noProgram(wanted, in: install, has: programs)
    }

    /// What npx starts where only the package is named: the program of its name, or the one that all of its names are for.
    private static func ownProgram(of install: PreparedInstall) -> String? {
        guard install.registry == .npm, let name = try? PackageName(install.package, of: .npm),
            let bytes = try? WorkingDirectory().contents(of: "\(install.path)/node_modules/\(name.name)/package.json", limit: 1 << 20),
            let programs = (try? JSON(parsing: bytes))?["bin"]?.object?.members
        else { return nil }
        if programs.contains(where: { $0.name.utf8.elementsEqual(name.plainName.utf8) }) { return name.plainName }
        let files = Set(programs.map { $0.value.string ?? "" })
        return files.count == 1 ? programs[0].name : nil
    }

    /// Names of those that the package itself brings are among them, and those of what it needs.
    static func programs(of install: PreparedInstall) -> [String] {
        let names = (try? WorkingDirectory().open(install.programs, [.read, .directory]).names()) ?? []
        return names.compactMap { String(validating: $0, as: UTF8.self) }.filter { name in
            name != "python" && !name.hasPrefix("python3") && access("\(install.programs)/\(name)", X_OK) == 0
        }
    }

    /// Refuses a command of a prepared package that is not what was prepared. `path`: as it was found; resolved here.
    static func check(_ path: String, in places: [PreparedPlace]) throws(Problem) {
        for file in [path, resolved(path)] {
            for place in places {
                guard let (registry, name) = place.holder(of: file) else { continue }
                guard let install = place.record(name, registry) else { throw .noRecord(path: file) }
                if let change = place.change(of: install) { throw .changed(install, change, place: place) }
                return
            }
        }
    }

    /// realpath(3).
    private static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(validatingCString: found) ?? path
    }
}
