import ClientConfigs
import Descriptors
import Glibc
import StrictJSON

/// A place while packages are installed there or taken away: by one process at a time.
///
/// INVARIANT: a package is prepared from the moment its record has its name, and no longer than that. What has no record is what somebody left
/// behind who was interrupted; whoever holds the place next removes it.
struct PreparationStore: ~Copyable {
    let place: PreparedPlace
    let registry: PackageRequest.Registry
    /// Of the registry's packages.
    let directory: OwnedDescriptor
    /// Held as long as it is open (fcntl(2)).
    private let lock: OwnedDescriptor

    private static let unfinished = ".new"
    /// Nanoseconds that somebody else may take.
    private static let patience: UInt64 = 1_200_000_000_000

    /// Makes what is missing of the place, waits for whoever has it, and removes what nobody finished.
    static func open(
        _ place: PreparedPlace, _ registry: PackageRequest.Registry, _ console: Console
    ) throws(PrepareFailure) -> PreparationStore {
        try make(place)
        let lock = try locked(place, console)
        let store = PreparationStore(place: place, registry: registry, directory: try opened(place, registry), lock: lock)
        guard try isOwn(store.directory, place) else { throw .unsafePlace(place.directory(registry)) }
        try store.clean()
        return store
    }

    private init(
        place: PreparedPlace, registry: PackageRequest.Registry, directory: consuming OwnedDescriptor, lock: consuming OwnedDescriptor
    ) {
        self.place = place
        self.registry = registry
        self.directory = directory
        self.lock = lock
    }

    /// With the directories above it, as far as they are missing.
    private static func make(_ place: PreparedPlace) throws(PrepareFailure) {
        var made = ""
        let parts = place.path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            made += "/" + part
            // State is for its owner alone; what root prepares is for everybody.
            let isLast = index == parts.count - 1
            do throws(Errno) {
                try WorkingDirectory().makeDirectory(made, mode: isLast ? 0o755 : place.owner == 0 ? 0o711 : 0o700)
            } catch {
                if error == .exists || (try? WorkingDirectory().status(of: made).isDirectory) == true { continue }
                throw .system(made, error)
            }
        }
        do throws(Errno) {
            let root = try WorkingDirectory().open(place.path, [.read, .directory, .noFollow])
            guard try root.status().owner == place.owner else { throw .permission }
            try root.setPermissions(0o755)
        } catch {
            throw .system(place.path, error)
        }
    }

    private static func locked(_ place: PreparedPlace, _ console: Console) throws(PrepareFailure) -> OwnedDescriptor {
        do throws(Errno) {
            let lock = try WorkingDirectory().open("\(place.path)/lock", [.readWrite, .create, .noFollow], mode: 0o600)
            try wait(for: lock, console)
            return lock
        } catch {
            throw .system(place.path, error)
        }
    }

    private static func opened(
        _ place: PreparedPlace, _ registry: PackageRequest.Registry
    ) throws(PrepareFailure) -> OwnedDescriptor {
        let path = place.directory(registry)
        do throws(Errno) {
            do { try WorkingDirectory().makeDirectory(path, mode: 0o755) } catch { guard error == .exists else { throw error } }
            let directory = try WorkingDirectory().open(path, [.read, .directory, .noFollow])
            try directory.setPermissions(0o755)
            return directory
        } catch {
            throw .system(path, error)
        }
    }

    private static func isOwn(_ directory: borrowing OwnedDescriptor, _ place: PreparedPlace) throws(PrepareFailure) -> Bool {
        do {
            let status = try directory.status()
            return status.owner == place.owner && status.permissions & 0o022 == 0
        } catch {
            throw .system(place.path, error)
        }
    }

    private static func wait(for lock: borrowing OwnedDescriptor, _ console: Console) throws(Errno) {
        let deadline = Clock.monotonic + patience
        var hasSaid = false
        while try !lock.tryLockForProcess() {
            if !hasSaid { console.say("somebody else prepares a package here: waiting") }
            hasSaid = true
            guard Clock.monotonic < deadline else { throw .timedOut }
            usleep(100_000)
        }
    }

    /// Removes what has no record.
    func clean() throws(PrepareFailure) {
        do throws(Errno) {
            let names = try directory.names().map { String(decoding: $0, as: UTF8.self) }
            let recorded = Set(
                names.filter { $0.hasSuffix(PreparedInstall.recordEnding) }.map {
                    String($0.dropLast(PreparedInstall.recordEnding.utf8.count))
                })
            for name in names where !Self.belongs(name, to: recorded) { try TreeSeal.remove(name, in: directory) }
        } catch {
            throw .system(place.directory(registry), error)
        }
    }

    private static func belongs(_ name: String, to recorded: Set<String>) -> Bool {
        if name.hasSuffix(unfinished) { return false }
        let endings = [PreparedInstall.recordEnding, PreparedInstall.manifestEnding]
        if let ending = endings.first(where: { name.hasSuffix($0) }) { return recorded.contains(String(name.dropLast(ending.utf8.count))) }
        return recorded.contains(name)
    }

    func path(_ name: String) -> String { "\(place.directory(registry))/\(name)" }

    // MARK: Directories

    /// One that an installer writes. As root it is open to everybody until it is handed over.
    func makeOpen(_ name: String) throws(PrepareFailure) { try make(name, mode: geteuid() == 0 ? 0o777 : 0o700) }

    /// One that an installer reads, with these files.
    func makeGiven(_ name: String, _ files: [(name: String, bytes: [UInt8])]) throws(PrepareFailure) {
        try make(name, mode: 0o755)
        for file in files { try write(file.bytes, file.name, in: name, mode: 0o644) }
    }

    private func make(_ name: String, mode: UInt32) throws(PrepareFailure) {
        do throws(Errno) {
            try directory.makeDirectory(name, mode: 0o700)
            try directory.open(name, [.read, .directory, .noFollow]).setPermissions(mode)
        } catch {
            throw .system(path(name), error)
        }
    }

    /// A file in one of them, whatever lies there under its name.
    func write(_ bytes: [UInt8], _ file: String, in name: String, mode: UInt32) throws(PrepareFailure) {
        do throws(Errno) {
            let inner = try directory.open(name, [.read, .directory, .noFollow])
            try TreeSeal.remove(file, in: inner)
            let written = try inner.open(file, [.write, .create, .exclusive, .noFollow], mode: mode)
            try written.writeWhole(bytes)
            try written.setPermissions(mode)
        } catch {
            throw .system("\(path(name))/\(file)", error)
        }
    }

    /// What an installer left, a regular file of so many bytes at most.
    func contents(of file: String, in name: String, limit: Int) throws(PrepareFailure) -> [UInt8] {
        do throws(Errno) {
            let inner = try directory.open(name, [.read, .directory, .noFollow])
            let found = try inner.open(file, [.read, .noFollow, .nonBlocking])
            let status = try found.status()
            guard status.isRegularFile else { throw .invalid }
            guard status.size <= limit else { throw .fileTooLarge }
            return try found.bytes(at: 0, count: status.size)
        } catch {
            throw .system("\(path(name))/\(file)", error)
        }
    }

    func remove(_ name: String) throws(PrepareFailure) {
        do { try TreeSeal.remove(name, in: directory) } catch { throw .system(path(name), error) }
    }

    // MARK: Records

    /// From here on it is prepared.
    func commit(_ install: PreparedInstall, _ manifest: TreeManifest) throws(PrepareFailure) {
        let record: [UInt8]
        do { record = try install.record.canonical() } catch { throw .badAnswer("the record has no canonical form") }
        try put(manifest.text, install.name + PreparedInstall.manifestEnding)
        try put(record, install.name + PreparedInstall.recordEnding)
    }

    private func put(_ bytes: [UInt8], _ name: String) throws(PrepareFailure) {
        do throws(Errno) {
            let file = try directory.open(name + Self.unfinished, [.write, .create, .truncate, .noFollow], mode: 0o644)
            try file.writeWhole(bytes)
            try file.setPermissions(0o644)
            try file.synchronize()
            try directory.rename(name + Self.unfinished, to: name)
            try directory.synchronize()
        } catch {
            throw .system(path(name), error)
        }
    }

    /// The record first: what is left without one is nothing.
    func remove(_ install: PreparedInstall) throws(PrepareFailure) {
        do throws(Errno) {
            try TreeSeal.remove(install.name + PreparedInstall.recordEnding, in: directory)
            try directory.synchronize()
            try TreeSeal.remove(install.name + PreparedInstall.manifestEnding, in: directory)
            try TreeSeal.remove(install.name, in: directory)
        } catch {
            throw .system(install.path, error)
        }
    }
}
