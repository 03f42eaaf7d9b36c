public import Evidence

extension Store {
    /// What came of a definition that was told.
    public enum PinAnswer: Sendable, Hashable {
        /// It is the accepted one, or the first that was seen and now is.
        case accepted
        /// It is another than the accepted one, or was never accepted where it must be; it awaits a review.
        case differs
        /// More is kept of this user's servers than may be.
        case tooMany
    }

    /// The digest of an accepted definition; nil for what is quarantined.
    public struct AcceptedDefinition: Sendable, Hashable {
        public var kind: String
        public var name: String
        public var digest: Digest?
    }

    /// Bytes of all definitions of one user, and how many one server may have.
    static let pinBytesLimit: Int64 = 32 << 20
    static let pinsLimit: Int64 = 2_048
}

/// What servers say of their tools and of themselves, held to what was accepted.
extension Transaction<Store.PinAnswer> {
    /// Holds a definition against what was accepted. `acceptsFirst`: the first that is seen is accepted; else only what somebody reviewed is.
    public static func judge(_ key: PinKey, _ told: [UInt8], acceptsFirst: Bool) -> Transaction {
        let first = [PinRows.find(key), PinRows.bytes(of: key.owner.caller), PinRows.count(of: key.owner)]
        return Transaction(.pins, excluding: .caller(key.owner.caller), isRepeatable: true, first: first) { findings throws(StoreError) in
            let known = try findings.rows(PinRows.read).first
            if let known, known.accepted == told, !known.awaitsReview, acceptsFirst || known.isReviewed { return (.accepted, []) }
            // Once it has said another thing it stays in quarantine until somebody looks, also when it says the old one again.
            if let known, known.told == told || known.awaitsReview && known.accepted == told { return (.differs, []) }
            let (bytes, count) = (try findings.number(of: 1), try findings.number(of: 2))
            guard bytes + Int64(told.count) <= Store.pinBytesLimit, known != nil || count < Store.pinsLimit else { return (.tooMany, []) }
            if acceptsFirst, known?.accepted == nil {
                return (.accepted, [PinRows.write(Pin(key: key, accepted: told, acceptedAt: findings.now))])
            }
            var pin = known ?? Pin(key: key)
            (pin.told, pin.toldAt, pin.isRejected) = (told, findings.now, false)
            return (.differs, [PinRows.write(pin)])
        }
    }
}

// MARK: Looking

extension Transaction<[Store.AcceptedDefinition]> {
    /// What a gate needs to know without asking: the digests of what is accepted, and what is quarantined.
    public static func acceptedDigests(of owner: PinOwner, acceptsFirst: Bool) -> Transaction {
        Transaction(.pins, isRepeatable: true, PinRows.find(of: owner)) { findings throws(StoreError) in
            let pins = try findings.rows(PinRows.read)
            return pins.map { pin in
                let isAccepted = !pin.awaitsReview && (acceptsFirst || pin.isReviewed)
                return Store.AcceptedDefinition(
                    kind: pin.key.kind, name: pin.key.name, digest: isAccepted ? pin.accepted.map { SHA256.digest($0) } : nil)
            }
        }
    }
}

extension Transaction<[Pin]> {
    /// All of one user, or of everybody.
    public static func pins(ofCaller caller: UInt32?) -> Transaction {
        Transaction(.pins, isRepeatable: true, PinRows.find(ofCaller: caller)) { findings throws(StoreError) in
            try findings.rows(PinRows.read)
        }
    }
}

// MARK: Reviewing

extension Transaction<Pin?> {
    /// What was told is accepted, if it is still what the id names.
    public static func accept(_ id: String, ofCaller caller: UInt32?, by uid: UInt32) -> Transaction {
        review(id, caller) { pin, now in
            (pin.accepted, pin.acceptedAt, pin.acceptedBy) = (pin.told, now, Int64(uid))
            (pin.told, pin.toldAt, pin.isRejected) = (nil, nil, false)
        }
    }

    /// What was told is not wanted; what was accepted before stays so.
    public static func reject(_ id: String, ofCaller caller: UInt32?) -> Transaction {
        review(id, caller) { pin, _ in pin.isRejected = true }
    }

    private static func review(_ id: String, _ caller: UInt32?, _ change: @escaping (inout Pin, Int64) -> Void) -> Transaction {
        Transaction(.pins, excluding: caller.map { .caller($0) } ?? .everybody, first: [PinRows.findTold(ofCaller: caller)]) {
            findings throws(StoreError) in
            guard var pin = try findings.rows(PinRows.read).first(where: { $0.id == id }) else { return (nil, []) }
            change(&pin, findings.now)
            return (pin, [PinRows.write(pin)])
        }
    }
}
