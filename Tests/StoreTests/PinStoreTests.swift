import Testing

@testable import Store

/// What servers said of themselves, in the store.
@Suite struct PinStoreTests {
    fileprivate static let owner = PinOwner(caller: 1_000, policy: "notes", server: "notes-server")
    fileprivate static let key = PinKey(owner, kind: "tool", name: "add")

    @Test("the first that is seen is accepted, and another one is not", arguments: StoreKind.allCases)
    func firstSeen(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.isKnown())
        #expect(try bench.judge("B") == .differs)
        #expect(try !bench.isKnown())
        #expect(try bench.pin.accepted == Array("A".utf8) && bench.pin.told == Array("B".utf8) && bench.pin.awaitsReview)
    }

    @Test("what has changed once stays in quarantine, also when it says the old thing again", arguments: StoreKind.allCases)
    func flipping(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.judge("B") == .differs)
        #expect(try bench.judge("A") == .differs)
        #expect(try bench.pin.told == Array("B".utf8))
    }

    @Test("what is accepted is what was shown, and the old one is not any more", arguments: StoreKind.allCases)
    func accepts(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.judge("B") == .differs)
        let shown = try bench.pin.id
        #expect(try bench.judge("C") == .differs)
        #expect(try bench.answer(.accept(shown, ofCaller: nil, by: 7)) == nil)
        #expect(try bench.answer(.accept(bench.pin.id, ofCaller: 1_001, by: 7)) == nil)
        let accepted = try #require(try bench.answer(.accept(bench.pin.id, ofCaller: 1_000, by: 7)))
        #expect(accepted.accepted == Array("C".utf8) && accepted.acceptedBy == 7 && accepted.told == nil)
        #expect(try bench.judge("C") == .accepted)
        #expect(try bench.judge("A") == .differs)
    }

    @Test("what is rejected is not asked about again, and the accepted one is good again", arguments: StoreKind.allCases)
    func rejects(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.judge("B") == .differs)
        #expect(try bench.answer(.reject(bench.pin.id, ofCaller: 1_000))?.isRejected == true)
        #expect(try bench.judge("B") == .differs)
        #expect(try !bench.pin.awaitsReview)
        #expect(try bench.judge("A") == .accepted)
        #expect(try bench.judge("C") == .differs)
        #expect(try bench.pin.awaitsReview && bench.pin.told == Array("C".utf8))
    }

    @Test("where a review is required, the first that was merely seen does not count", arguments: StoreKind.allCases)
    func required(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        #expect(try bench.judge("A", first: false) == .differs)
        #expect(try bench.pin.accepted == nil && bench.pin.awaitsReview)
        #expect(try !bench.isKnown(first: false))
        _ = try bench.answer(.accept(bench.pin.id, ofCaller: nil, by: 0))
        #expect(try bench.judge("A", first: false) == .accepted)
        #expect(try bench.isKnown(first: false))
        let seen = PinKey(Self.owner, kind: "tool", name: "seen")
        #expect(try bench.judge("S", seen) == .accepted)
        #expect(try bench.judge("S", seen, first: false) == .differs)
    }

    @Test("users, policies, servers, kinds and names are apart", arguments: StoreKind.allCases)
    func keys(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let owners = [
            Self.owner, PinOwner(caller: 1_001, policy: "notes", server: "notes-server"),
            PinOwner(caller: 1_000, policy: "other", server: "notes-server"), PinOwner(caller: 1_000, policy: "notes", server: "other"),
        ]
        var keys = owners.map { PinKey($0, kind: "tool", name: "add") }
        keys += [PinKey(Self.owner, kind: "prompt", name: "add"), PinKey(Self.owner, kind: "tool", name: "adD")]
        for (index, key) in keys.enumerated() { #expect(try bench.judge("\(index)", key) == .accepted) }
        for (index, key) in keys.enumerated() { #expect(try bench.judge("\(index)", key) == .accepted) }
        #expect(try bench.answer(.pins(ofCaller: 1_001)).count == 1)
        #expect(try bench.answer(.acceptedDigests(of: Self.owner, acceptsFirst: true)).count == 3)
        #expect(Set(try bench.answer(.pins(ofCaller: nil)).map(\.id)).count == keys.count)
    }

    @Test("one server's definitions are so many at most, and one user's so large", arguments: StoreKind.allCases)
    func bounds(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        for number in 0..<Store.pinsLimit {
            try bench.run(
                "INSERT INTO pin (caller, policy, server, kind, name, accepted) VALUES (1000, 'notes', 'notes-server', 'tool', ?1, ?2)",
                [.text("t\(number)"), .bytes(Array("A".utf8))])
        }
        #expect(try bench.judge("A") == .tooMany)
        #expect(try bench.judge("A", PinKey(PinOwner(caller: 1_000, policy: "p", server: "s"), kind: "tool", name: "a")) == .accepted)
        try bench.run("UPDATE pin SET accepted = ?1 WHERE name = 't0'", [.bytes([UInt8](repeating: 0, count: Int(Store.pinBytesLimit)))])
        #expect(try bench.judge("A", PinKey(PinOwner(caller: 1_000, policy: "p", server: "s"), kind: "tool", name: "b")) == .tooMany)
        #expect(try bench.judge("A", PinKey(PinOwner(caller: 1_001, policy: "p", server: "s"), kind: "tool", name: "b")) == .accepted)
    }
}

extension StoreBench {
    fileprivate func judge(_ text: String, _ key: PinKey = PinStoreTests.key, first: Bool = true) throws -> Store.PinAnswer {
        try answer(.judge(key, Array(text.utf8), acceptsFirst: first))
    }

    fileprivate var pin: Pin { get throws { try #require(try answer(.pins(ofCaller: nil)).first) } }

    fileprivate func isKnown(first: Bool = true) throws -> Bool {
        try answer(.acceptedDigests(of: PinStoreTests.owner, acceptsFirst: first)).first?.digest != nil
    }
}
