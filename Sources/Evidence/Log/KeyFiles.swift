import Descriptors

/// A log's keys as they lie in its directory: the private one (0600) unless it is kept elsewhere, the public one, and the public ones before it.
///
/// While a key is exchanged the new private one lies in `key.next`; which of the two is the log's own is what the log says.
struct KeyFiles: ~Copyable {
    private let directory: OwnedDescriptor

    /// The directory is made, 0700, where it is missing.
    init(_ path: String) throws(LogError) {
        do throws(Errno) {
            try LogDirectory.make(path, in: WorkingDirectory())
            directory = try WorkingDirectory().open(path, .directory)
        } catch {
            throw .system(error)
        }
    }

    /// Of a log's directory that is open.
    init(in log: borrowing some Descriptor & ~Copyable) throws(LogError) {
        do { directory = try log.open(".", .directory) } catch { throw .system(error) }
    }

    /// nil when there is none. Errors: `malformedKey`, `unknownAlgorithm`.
    func privateKey() throws(LogError) -> SigningKey? { try read(LogFiles.key) }

    /// What a rotation that did not come to its end left; nil when there is none.
    func nextKey() throws(LogError) -> SigningKey? { try read(LogFiles.nextKey) }

    private func read(_ name: String) throws(LogError) -> SigningKey? {
        let bytes: [UInt8]
        do throws(Errno) {
            guard let found = try directory.contents(of: name, limit: 65_536), found.last == 0x0A else { throw .invalid }
            bytes = found
        } catch {
            if error == .noEntry { return nil }
            throw error == .invalid ? .malformedKey : .system(error)
        }
        return try SigningKey(parsing: String(decoding: bytes, as: UTF8.self))
    }

    /// Something was signed here: a new key would hide that the old one is gone.
    func hasCheckpoints() throws(LogError) -> Bool {
        do {
            return try directory.status(of: LogFiles.checkpoints).size > 0
        } catch {
            if error == .noEntry { return false }
            throw .system(error)
        }
    }

    /// Of a log that begins: both halves.
    func keep(_ key: SigningKey) throws(LogError) {
        try write(LogFiles.publicKey, key.verifier.text + "\n", mode: 0o644)
        try write(LogFiles.key, key.text + "\n", mode: 0o600)
    }

    func keepNext(_ key: SigningKey) throws(LogError) { try write(LogFiles.nextKey, key.text + "\n", mode: 0o600) }

    /// The exchanged key is the log's: from here on it is the only one.
    func promoteNext() throws(LogError) {
        do throws(Errno) {
            try directory.rename(LogFiles.nextKey, to: LogFiles.key)
            try directory.synchronize()
        } catch {
            throw .system(error)
        }
    }

    func dropNext() throws(LogError) {
        do throws(Errno) {
            try directory.unlink(LogFiles.nextKey)
            try directory.synchronize()
        } catch {
            if error != .noEntry { throw .system(error) }
        }
    }

    /// Public keys as the log's chain has them. What says something else, and is no earlier state of them, is not written over.
    func keepPublic(_ chain: KeyChain) throws(LogError) {
        let found = PublicKeyFiles(in: directory)
        if let problem = found.problem(for: chain) { throw .damaged(problem) }
        if let problem = found.currentProblem, problem != .unreadable(.noEntry) { throw .damaged(Finding(problem, LogFiles.publicKey)) }
        if found.earlierText ?? "" != chain.earlierText { try write(LogFiles.earlierKeys, chain.earlierText, mode: 0o644) }
        if found.current != chain.current { try write(LogFiles.publicKey, chain.current.text + "\n", mode: 0o644) }
    }

    /// Whole or not at all: written under another name, made durable, then renamed.
    private func write(_ name: String, _ text: String, mode: UInt32) throws(LogError) {
        do throws(Errno) {
            let file = try directory.open(name + ".new", [.write, .create, .truncate], mode: mode)
            try file.setPermissions(mode)
            try file.writeWhole(text)
            try file.synchronize()
            try directory.rename(name + ".new", to: name)
            try directory.synchronize()
        } catch {
            throw .system(error)
        }
    }
}

extension SigningKey {
    /// The key kept in this directory; made on the first start, 0600, its public half beside it. The directory is made, 0700, where it is
    /// missing. Errors: `missingKey` when something was signed here with a key that is gone.
    public static func openOrCreate(in path: String, name: String? = nil) throws(LogError) -> SigningKey {
        let files = try KeyFiles(path)
        if let key = try files.privateKey() { return key }
        if try files.hasCheckpoints() { throw .missingKey }
        let key = try SigningKey(generatingNamed: name)
        try files.keep(key)
        return key
    }
}
