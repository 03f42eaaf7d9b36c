import ClientConfigs
import ControlProtocol
import Descriptors
import Evidence
import Glibc
import StrictJSON

/// One package, prepared: found out, installed, sealed, recorded; or found prepared already.
struct Preparation {
    let request: PackageRequest
    let place: PreparedPlace
    let installer: any Installer
    let run: InstallerRun

    struct Result {
        let install: PreparedInstall
        let program: String
        let isNew: Bool
    }

    /// What the kernel reads of a script's first line, with its end (`BINPRM_BUF_SIZE`, since 5.1).
    private static let longestLine = 255

    func perform() throws(PrepareFailure) -> Result {
        if let known = place.installs().first(where: { $0.answers(request) }), case .exactly = request.package.version {
            return try unchanged(known)
        }
        let store = try PreparationStore.open(place, request.registry, run.console)
        do throws(PrepareFailure) {
            return try perform(in: store)
        } catch {
            // What cannot be removed now is removed by whoever prepares next.
            try? store.clean()
            throw error
        }
    }

    private func perform(in store: borrowing PreparationStore) throws(PrepareFailure) -> Result {
        run.console.say("what \(Escaping.line(request.package.requirement(of: request.registry))) needs is being found out")
        let resolved = try installer.resolve(request, in: store, run)
        let name = name(resolved)
        if let known = place.record(name, request.registry) { return try unchanged(known) }
        try checkLength(store.path(name))
        run.console.say("\(resolved.parts.count) package\(resolved.parts.count == 1 ? " is" : "s are") being installed")
        return try install(resolved, name, store)
    }

    private func unchanged(_ install: PreparedInstall) throws(PrepareFailure) -> Result {
        if let change = place.change(of: install) { throw .command(.changed(install, change, place: place)) }
        return Result(install: install, program: try program(install), isNew: false)
    }

    private func program(_ install: PreparedInstall) throws(PrepareFailure) -> String {
        do { return try PreparedCommand.program(of: request, in: install) } catch { throw .command(error) }
    }

    /// Of the package, its version, and all else that makes one installation another.
    private func name(_ resolved: ResolvedPackages) -> String {
        let marks = request.packages.map { $0.requirement(of: request.registry) } + installer.marks + [run.runsScripts ? "scripts" : ""]
        let digest = SHA256.digest(resolved.lock + marks.flatMap { Array($0.utf8) + [0] })
        let plain = request.package.name.replacing("/", with: "+")
        return "\(plain)-\(resolved.version)-\(digest.hex.prefix(8))"
    }

    private func checkLength(_ path: String) throws(PrepareFailure) {
        let line = "#!\(path)/bin/python\n"
        guard line.utf8.count <= Self.longestLine, !path.utf8.contains(where: { $0 == 0x20 || $0 == 0x09 }) else {
            throw .longPath(place.path)
        }
    }

    private func install(
        _ resolved: ResolvedPackages, _ name: String, _ store: borrowing PreparationStore
    ) throws(PrepareFailure) -> Result {
        var finished = try installer.install(resolved, request, into: name, in: store, run)
        let path = store.path(name)
        try store.write(resolved.lock, resolved.lockName, in: name, mode: 0o644)
        try seal(path, finished.user)
        let manifest: TreeManifest
        do { manifest = try TreeManifest(of: path, owner: place.owner) } catch { throw .tree(error) }
        var install = PreparedInstall(
            registry: request.registry, package: request.package.name, version: resolved.version,
            requirements: request.packages.map { $0.requirement(of: request.registry) }, python: request.python, parts: resolved.parts,
            ranScripts: run.runsScripts, lock: SHA256.digest(resolved.lock), tree: manifest.digest, entries: manifest.entries,
            time: Timestamp(nanoseconds: Clock.realtime).text, log: "", receipt: 0, path: path)
        let program = try program(install)
        // Receipt first: what is not recorded is not prepared.
        (install.log, install.receipt) = try PreparationRecord.send(
            install.report(.prepared, sessions: [resolved.session, finished.id]), &finished.daemon)
        finished.daemon.finish()
        try store.commit(install, manifest)
        return Result(install: install, program: program, isNew: true)
    }

    private func seal(_ path: String, _ installer: UInt32) throws(PrepareFailure) {
        do {
            try TreeSeal.seal(path, owner: place.owner, group: getegid(), installer: installer, keepsWrite: place.owner == 0)
        } catch {
            throw .tree(error)
        }
    }
}

extension PreparedInstall {
    /// What is said of it.
    func report(_ event: PreparationReport.Event, change: TreeChange? = nil, sessions: [String] = []) -> PreparationReport {
        PreparationReport(
            event, registry: registry.rawValue, package: package, version: version, path: path, tree: tree.hex, lock: lock.hex,
            change: change?.words, ranScripts: ranScripts,
            parts: event == .prepared ? parts.map { PreparationReport.Part(name: $0.name, version: $0.version, hash: $0.hash) } : [],
            sessions: sessions)
    }
}

/// What is said to a daemon about a prepared package, and what it answers.
enum PreparationRecord {
    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000

    static func send(
        _ report: PreparationReport, _ daemon: inout DaemonConnection
    ) throws(PrepareFailure) -> (log: String, receipt: Int64) {
        let reply: ControlMessage
        do {
            reply = try daemon.client.call(.recordPreparation, report.encode(), deadline: Clock.monotonic + patience)
        } catch {
            throw .notRecorded(error)
        }
        guard let log = reply.parameters["log"]?.string, let receipt = reply.parameters["receipt"]?.int64 else {
            throw .notRecorded(.violation(.malformed))
        }
        return (log, receipt)
    }
}
