import ClientConfigs

/// What installs packages of a registry, by sessions of its own.
protocol Installer {
    /// Facts by which two installations differ beside the lock.
    var marks: [String] { get }

    /// What is needed, found out and not installed; ids of sessions are added.
    func resolve(_ request: PackageRequest, in store: borrowing PreparationStore, _ run: InstallerRun) throws(PrepareFailure)
        -> ResolvedPackages

    /// Installs exactly that into a directory of the store's.
    func install(
        _ resolved: ResolvedPackages, _ request: PackageRequest, into name: String, in store: borrowing PreparationStore,
        _ run: InstallerRun
    ) throws(PrepareFailure) -> InstallerSession.Finished
}

/// Names, versions and hashes of all that a package needs.
struct ResolvedPackages: Sendable, Hashable {
    let parts: [PreparedInstall.Part]
    /// What the installer is held to.
    let lock: [UInt8]
    /// How it is called beside the packages.
    let lockName: String
    /// What the installer is told besides; empty where it is told nothing.
    var manifest: [UInt8] = []
    /// The version of the package that was asked for.
    let version: String
    /// In which they were found.
    let session: String
}

/// What the sessions of one installation have in common.
struct InstallerRun {
    let environment: CallerEnvironment
    let choice: DaemonChoice
    let console: Console
    /// A policy of the caller's in place of the shipped one.
    let policy: String?
    let runsScripts: Bool

    func session(
        _ shipped: String, _ inputs: [String: String], _ command: [String], adding variables: [String: String], name: String,
        writes directory: String
    ) throws(PrepareFailure) -> InstallerSession.Finished {
        let added = variables.map { Array("\($0.key)=\($0.value)".utf8) }
        let rest = environment.variables.filter { entry in !variables.keys.contains { entry.starts(with: Array("\($0)=".utf8)) } }
        return try InstallerSession(
            policy: policy ?? shipped, inputs: inputs, name: "prepare-\(name)", command: command,
            environment: CallerEnvironment(variables: added + rest), choice: choice, written: directory
        ).run(console)
    }
}
