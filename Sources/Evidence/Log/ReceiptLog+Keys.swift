public import Descriptors

/// Which key a log is signed by, and its exchange.
extension ReceiptLog {
    /// Opens the log in a directory that keeps its private key; makes both where there is none. What an exchange left undone is finished when
    /// the log tells of it, else undone.
    public static func open(
        keepingKeyIn path: String, custody: Custody, receiptsPerSegment: UInt64 = 16_384, time: UInt64 = Clock.realtime
    ) throws(LogError) -> ReceiptLog {
        let kept = try SigningKey.openOrCreate(in: path)
        let files = try KeyFiles(path)
        let next = try files.nextKey()
        let log = try ReceiptLog(
            directory: path, key: kept, or: [next].compactMap { $0 }, custody: custody, receiptsPerSegment: receiptsPerSegment, time: time)
        try files.keepPublic(log.keys)
        if let next {
            if next.verifier == log.verifier { try files.promoteNext() } else { try files.dropNext() }
        }
        return log
    }

    /// Opens the log of a key that is kept elsewhere: only public halves are written. A log that `previous` signs goes on with `key`, which must
    /// bear the same name. Errors: `otherKey` when neither signs it.
    public static func open(
        in path: String, signedBy key: SigningKey, previously previous: SigningKey? = nil, custody: Custody,
        receiptsPerSegment: UInt64 = 16_384,
        time: UInt64 = Clock.realtime
    ) throws(LogError) -> ReceiptLog {
        let log = try ReceiptLog(
            directory: path, key: key, or: [previous].compactMap { $0 }, custody: custody, receiptsPerSegment: receiptsPerSegment,
            time: time)
        if log.verifier != key.verifier { try log.rotateKey(to: key, isKept: false, time: time) }
        try KeyFiles(path).keepPublic(log.keys)
        return log
    }

    /// Between which a crash may fall.
    enum RotationStep: CaseIterable {
        case keptNext, signedByOld, recorded, keptPublic, promoted, signedByNew
    }

    /// Exchanges the key, for a new one of the log's name unless one is given: the old key signs what there is, both sign the exchange, and the
    /// new one signs from there on. `isKept`: the private half lies in the log's directory.
    ///
    /// After an error the key is the one of `verifier`; an exchange that is recorded is finished when the log is opened next.
    public func rotateKey(to given: SigningKey? = nil, isKept: Bool, time: UInt64 = Clock.realtime) throws(LogError) {
        try rotateKey(to: given, isKept: isKept, time: time) { _ in }
    }

    func rotateKey(
        to given: SigningKey?, isKept: Bool, time: UInt64, reached: (RotationStep) throws(LogError) -> Void
    ) throws(LogError) {
        let next: SigningKey
        if let given { next = given } else { next = try SigningKey(generatingNamed: key.verifier.name) }
        let name = key.verifier.name
        guard next.verifier.name.utf8.elementsEqual(name.utf8) else { throw .otherName(log: name, found: next.verifier.name) }
        guard !keys.keys.contains(next.verifier) else { throw .usedKey }
        let keyFiles = try KeyFiles(in: files.root)
        if isKept { try keyFiles.keepNext(next) }
        try reached(.keptNext)
        try checkpoint()
        try reached(.signedByOld)
        try record(KeyRotation(from: key, to: next, size: size, root: root()), time)
        key = next
        // The one that lies there is signed by the old key.
        keptSnapshot = nil
        try reached(.recorded)
        try keyFiles.keepPublic(keys)
        try reached(.keptPublic)
        if isKept { try keyFiles.promoteNext() }
        try reached(.promoted)
        try checkpoint()
        try reached(.signedByNew)
    }

    /// INVARIANT: once its receipt may be on the disk, the exchange is the log's.
    private func record(_ rotation: KeyRotation, _ time: UInt64) throws(LogError) {
        var extended = keys
        guard (try? extended.take(rotation, at: size, root())) != nil,
            let receipt = try? Receipt(.lifecycle, time: time, facts: nil, body: rotation.body)
        else { throw .usedKey }
        try append(receipt)
        keys = extended
        do {
            try segment.synchronize()
            try files.segments.synchronize()
        } catch {
            // Nobody knows which key the disk tells of: nothing more is signed until the log was opened again.
            throw .broken
        }
    }
}
