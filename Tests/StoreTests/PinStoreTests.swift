import TestSupport
import Testing

@testable import Store

/// What servers said of themselves, in the store.
@Suite struct PinStoreTests {
    let scratch: ScratchDirectory
    let store: Store

    private static let owner = PinOwner(caller: 1_000, policy: "notes", server: "notes-server")
    private static let key = PinKey(owner, kind: "tool", name: "add")

    init() throws {
        scratch = try ScratchDirectory()
        store = try Store(directory: scratch.path + "/store")
    }

    private func judge(_ text: String, _ key: PinKey = key, first: Bool = true) throws -> Store.PinAnswer {
        try store.judge(key, Array(text.utf8), acceptsFirst: first, now: 1)
    }

    private var pin: Pin { get throws { try #require(try store.pins(ofCaller: nil).first) } }

    private func isKnown(first: Bool = true) throws -> Bool {
        try store.acceptedDigests(of: Self.owner, acceptsFirst: first).first?.digest != nil
    }

    @Test("the first that is seen is accepted, and another one is not")
    func firstSeen() throws {
        #expect(try judge("A") == .accepted)
        #expect(try judge("A") == .accepted)
        #expect(try isKnown())
        #expect(try judge("B") == .differs)
        #expect(try !isKnown())
        #expect(try pin.accepted == Array("A".utf8) && pin.told == Array("B".utf8) && pin.awaitsReview)
    }

    @Test("what has changed once stays in quarantine, also when it says the old thing again")
    func flipping() throws {
        #expect(try judge("A") == .accepted)
        #expect(try judge("B") == .differs)
        #expect(try judge("A") == .differs)
        #expect(try pin.told == Array("B".utf8))
    }

    @Test("what is accepted is what was shown, and the old one is not any more")
    func accepts() throws {
        #expect(try judge("A") == .accepted)
        #expect(try judge("B") == .differs)
        let shown = try pin.id
        #expect(try judge("C") == .differs)
        #expect(try store.accept(shown, ofCaller: nil, by: 7, now: 2) == nil)
        #expect(try store.accept(try pin.id, ofCaller: 1_001, by: 7, now: 2) == nil)
        let accepted = try #require(try store.accept(try pin.id, ofCaller: 1_000, by: 7, now: 2))
        #expect(accepted.accepted == Array("C".utf8) && accepted.acceptedBy == 7 && accepted.told == nil)
        #expect(try judge("C") == .accepted)
        #expect(try judge("A") == .differs)
    }

    @Test("what is rejected is not asked about again, and the accepted one is good again")
    func rejects() throws {
        #expect(try judge("A") == .accepted)
        #expect(try judge("B") == .differs)
        #expect(try store.reject(try pin.id, ofCaller: 1_000)?.isRejected == true)
        #expect(try judge("B") == .differs)
        #expect(try !pin.awaitsReview)
        #expect(try judge("A") == .accepted)
        #expect(try judge("C") == .differs)
        #expect(try pin.awaitsReview && pin.told == Array("C".utf8))
    }

    @Test("where a review is required, the first that was merely seen does not count")
    func required() throws {
        #expect(try judge("A", first: false) == .differs)
        #expect(try pin.accepted == nil && pin.awaitsReview)
        #expect(try !isKnown(first: false))
        _ = try store.accept(try pin.id, ofCaller: nil, by: 0, now: 2)
        #expect(try judge("A", first: false) == .accepted)
        #expect(try isKnown(first: false))
        let seen = PinKey(Self.owner, kind: "tool", name: "seen")
        #expect(try judge("S", seen) == .accepted)
        #expect(try judge("S", seen, first: false) == .differs)
    }

    @Test("users, policies, servers, kinds and names are apart")
    func keys() throws {
        let owners = [
            Self.owner, PinOwner(caller: 1_001, policy: "notes", server: "notes-server"),
            PinOwner(caller: 1_000, policy: "other", server: "notes-server"), PinOwner(caller: 1_000, policy: "notes", server: "other"),
        ]
        var keys = owners.map { PinKey($0, kind: "tool", name: "add") }
        keys += [PinKey(Self.owner, kind: "prompt", name: "add"), PinKey(Self.owner, kind: "tool", name: "adD")]
        for (index, key) in keys.enumerated() { #expect(try judge("\(index)", key) == .accepted) }
        for (index, key) in keys.enumerated() { #expect(try judge("\(index)", key) == .accepted) }
        #expect(try store.pins(ofCaller: 1_001).count == 1)
        #expect(try store.acceptedDigests(of: Self.owner, acceptsFirst: true).count == 3)
        #expect(Set(try store.pins(ofCaller: nil).map(\.id)).count == keys.count)
    }

    @Test("one server's definitions are so many at most, and one user's so large")
    func bounds() throws {
        try store.database.transaction { () throws(StoreError) in
            for number in 0..<Store.pinsLimit {
                try store.database.run(
                    "INSERT INTO pin (caller, policy, server, kind, name, accepted) VALUES (1000, 'notes', 'notes-server', 'tool', ?, x'41')",
                    [.text("t\(number)")])
            }
        }
        #expect(try judge("A") == .tooMany)
        #expect(try judge("A", PinKey(PinOwner(caller: 1_000, policy: "p", server: "s"), kind: "tool", name: "a")) == .accepted)
        try store.database.run("UPDATE pin SET accepted = zeroblob(?) WHERE name = 't0'", [.integer(Store.pinBytesLimit)])
        #expect(try judge("A", PinKey(PinOwner(caller: 1_000, policy: "p", server: "s"), kind: "tool", name: "b")) == .tooMany)
        #expect(try judge("A", PinKey(PinOwner(caller: 1_001, policy: "p", server: "s"), kind: "tool", name: "b")) == .accepted)
    }
}
