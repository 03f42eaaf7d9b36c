import ClientConfigs
import ControlProtocol
import Descriptors
import Glibc
import StrictJSON

/// `sandboxctl prepare`: installs once what a command line of npx, uvx and the like would fetch at each start.
struct PrepareCommand {
    static let command = Command(
        "prepare", "install the package that npx, uvx and the like would fetch, to be started from there",
        options: [
            Option("list", .flag, "show what is prepared, and whether it is still what it was"),
            Option("remove", .value("NAME"), "take away what is prepared under this name"),
            Option("index", .value("URL"), "the registry's index; absent: what pip or npm is configured with, else the public one"),
            Option("files", .value("URL"), "where the index keeps its files, if not there; absent with the public one"),
            Option("from-directory", .value("DIRECTORY"), "install from wheels in it, without a network"),
            Option("python", .value("PYTHON"), "the Python to install with and for: a path, or a version"),
            Option("scripts", .flag, "let packages run programs of their own while they are built and installed"),
            Option("policy", .value("POLICY"), "install under this policy in place of the shipped one"),
            CommandTable.Shared.socket,
        ],
        arguments: .trailing("COMMAND [ARG]…"),
        help: """
            COMMAND is a command line as a client has it: `uvx mcp-server-time`, `npx -y @scope/server@1.2`, `uv tool run`,
            `pipx run`. Words that are the server's own may stand behind it.

            What the package needs is found out in one session and, held to those versions and hashes, installed in another,
            under the policy `prepare-python` or `prepare-node`: it may connect to the registry, write the new directory and
            nothing else. Packages run nothing of their own meanwhile unless `--scripts` lets them: wheels only, no scripts of
            npm. Then the directory is made read-only, a receipt records package, version, lock and tree, and `wrap` and
            `clients wrap` start the package from there wherever the same command line stands. A file that changes later is
            found before the package is started, which is refused then.

            As root it is for everybody, in /var/lib/sandboxd/prepared, and belongs to root; else it is yours, below
            $XDG_STATE_HOME/sandboxd. Another version is another directory; the one before stays until `--remove`.

            The exit status is 0 when it is prepared, also where it was before; 1 when it cannot be, or for `--list` when
            something was changed; 3 when a policy is refused; 5 when sandboxd cannot be reached.
            """,
        run: run)

    private let invocation: Invocation
    private let console: Console
    private let environment: CallerEnvironment

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let command = PrepareCommand(invocation: invocation, console: console, environment: .current())
        do throws(PrepareFailure) {
            return try command.run()
        } catch {
            console.warn(error.text(console.errorStyle))
            return error.status
        }
    }

    private func run() throws(PrepareFailure) -> ExitStatus {
        switch (invocation.has("list"), invocation.value("remove"), invocation.trailing) {
        case (true, nil, nil): return list()
        case (false, let name?, nil): return try remove(name)
        case (false, nil, let words?) where !words.isEmpty: return try prepare(words)
        case (false, nil, _): throw .usage(.missingArgument("COMMAND"))
        case _: throw .usage(.unexpectedArgument(invocation.value("remove").map { "--remove \($0)" } ?? "--"))
        }
    }

    // MARK: Preparing

    private func prepare(_ bytes: [[UInt8]]) throws(PrepareFailure) -> ExitStatus {
        let words = bytes.map { String(decoding: $0, as: UTF8.self) }
        let request: PackageRequest
        do { request = try PackageRequest(words) } catch { throw .command(.unfit(error, command: words[0])) }
        guard let place = PreparedPlace.own(environment) else { throw .noHome }
        let run = InstallerRun(
            environment: environment, choice: DaemonChoice(invocation, environment), console: console, policy: invocation.value("policy"),
            runsScripts: invocation.has("scripts"))
        let done = try Preparation(request: request, place: place, installer: try installer(request), run: run).perform()
        tell(done, request)
        return .success
    }

    private func installer(_ request: PackageRequest) throws(PrepareFailure) -> any Installer {
        switch request.registry {
        case .pypi:
            let python = try PythonInstaller.find(invocation.value("python") ?? request.python, environment)
            return PythonInstaller(python, try source(for: python))
        case .npm:
            guard !invocation.has("scripts"), invocation.value("from-directory") == nil else {
                throw .noProgram(
                    "npm installs without scripts, and from its registry alone",
                    help: "where a package needs more, install it yourself, and give the program itself")
            }
            let found = try NodeInstaller.find(environment)
            let url = invocation.value("index") ?? NpmConfiguration(environment).registry ?? Self.publicRegistry
            guard let registry = RegistryAddress(url) else { throw .badIndex(url) }
            return NodeInstaller(found.node, npm: found.npm, registry, certificates: usualCertificates)
        }
    }

    private static let certificates = "/etc/ssl/certs/ca-certificates.crt"

    private func source(for python: String) throws(PrepareFailure) -> PythonInstaller.Source {
        if let directory = invocation.value("from-directory") {
            guard let found = realpath(directory, nil) else { throw .system(directory, .last) }
            defer { free(found) }
            return .directory(String(cString: found))
        }
        let configured = PipConfiguration(environment)
        let usual = PipDefaults.ask(python)
        let index: RegistryAddress
        if let url = invocation.value("index") ?? configured.index {
            index = try Self.registry(url)
        } else if let usual {
            index = usual.index
        } else {
            throw .noProgram(
                "this Python does not say where packages come from", help: "`--index URL` does, and `--files URL`, where its files are")
        }
        // A registry of one's own keeps its files itself.
        let files =
            try invocation.value("files").map { url throws(PrepareFailure) in try Self.registry(url) }
            ?? (index.host == usual?.index.host ? usual?.files : nil) ?? index
        return .index(index, files: files, certificates: configured.certificates ?? usualCertificates)
    }

    private static func registry(_ url: String) throws(PrepareFailure) -> RegistryAddress {
        guard let address = RegistryAddress(url) else { throw .badIndex(url) }
        return address
    }

    private static let publicRegistry = "https://registry.npmjs.org/"

    private var usualCertificates: String? { access(Self.certificates, R_OK) == 0 ? Self.certificates : nil }

    private func tell(_ done: Preparation.Result, _ request: PackageRequest) {
        let install = done.install
        let count = "\(install.parts.count) package\(install.parts.count == 1 ? "" : "s"), \(install.entries) files"
        let what = "\(Escaping.line(install.package)) \(Escaping.line(install.version))"
        console.write(done.isNew ? "prepared \(what): \(count)\n" : "\(what) is prepared already: \(count)\n")
        console.write("tree \(install.digest), receipt \(install.receipt) of \(Escaping.line(install.log))\n")
        let words = [done.program] + request.arguments
        let policy = ReadyPolicy.find(words)
        let inputs = policy?.assignments(words).flatMap { ["--set", $0] } ?? []
        let line = ["sandboxctl", "wrap", "--policy", policy?.policy ?? "POLICY"] + inputs + ["--"] + words
        console.write("start it by: \(PreparedCommand.Problem.line(line))\n")
    }

    // MARK: What is prepared

    private func list() -> ExitStatus {
        var status = ExitStatus.success
        let all = PreparedPlace.all(environment).flatMap { place in place.installs().map { (place, $0) } }
        for (place, install) in all {
            let change = place.change(of: install)
            if change != nil { status = .finding }
            let state = change.map { "changed: \($0.words)" } ?? "as it was prepared"
            console.write(
                "\(Escaping.line(install.name))  \(install.registry.rawValue) \(Escaping.line(install.package)) \(Escaping.line(install.version))  \(Escaping.line(install.path))  \(state)\n"
            )
        }
        if all.isEmpty { console.write("nothing is prepared\n") }
        return status
    }

    private func remove(_ name: String) throws(PrepareFailure) -> ExitStatus {
        guard let place = PreparedPlace.own(environment) else { throw .noHome }
        guard let install = place.installs().first(where: { $0.name == name }) else { throw .unknown(name) }
        let store = try PreparationStore.open(place, install.registry, console)
        guard let install = place.record(name, install.registry) else { throw .unknown(name) }
        var daemon: DaemonConnection
        do { daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment) } catch { throw .daemon(error) }
        let said: (log: String, receipt: Int64)
        do throws(PrepareFailure) { said = try PreparationRecord.send(install.report(.removed), &daemon) } catch {
            daemon.finish()
            throw error
        }
        daemon.finish()
        try store.remove(install)
        console.write("removed \(Escaping.line(name)), receipt \(said.receipt) of \(Escaping.line(said.log))\n")
        return .success
    }
}
