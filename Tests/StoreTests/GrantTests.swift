import Store
import TestSupport
import Testing

@Suite struct GrantTests {
    private let directory: ScratchDirectory

    init() throws { directory = try ScratchDirectory() }

    private static let binding = GrantBinding(caller: 1_000, server: "shop", tool: "refund", arguments: "aa", policy: "bb")

    private func store() throws -> Store { try Store(directory: directory.path + "/store") }

    @Test("a grant is taken once, by whoever is first of two that share the store")
    func once() throws {
        let (first, second) = (try store(), try store())
        try first.keep(Store.Grant(approval: "id", approver: "alice"), for: Self.binding, expires: 100, now: 0)
        #expect(try second.takeGrant(for: Self.binding, now: 1) == Store.Grant(approval: "id", approver: "alice"))
        #expect(try first.takeGrant(for: Self.binding, now: 1) == nil)
        #expect(try second.takeGrant(for: Self.binding, now: 1) == nil)
    }

    @Test("a grant is for nothing that differs in anything")
    func binds() throws {
        let store = try store()
        try store.keep(Store.Grant(approval: "id", approver: "alice"), for: Self.binding, expires: 100, now: 0)
        var others = [GrantBinding](repeating: Self.binding, count: 6)
        others[0].caller = 0
        others[1].server = "Shop"
        others[2].tool = "refund "
        others[3].arguments = "ab"
        others[4].policy = ""
        others[5].server = "sho\u{70}\u{301}"
        for other in others { #expect(try store.takeGrant(for: other, now: 1) == nil) }
        #expect(try store.takeGrant(for: Self.binding, now: 1) != nil)
    }

    @Test("a grant that has expired, or was taken back, is none; the first to expire is taken first")
    func ends() throws {
        let store = try store()
        for (id, expires) in [("late", 200), ("early", 100)] as [(String, Int64)] {
            try store.keep(Store.Grant(approval: id, approver: "alice"), for: Self.binding, expires: expires, now: 0)
        }
        #expect(try store.takeGrant(for: Self.binding, now: 99)?.approval == "early")
        #expect(try store.takeGrant(for: Self.binding, now: 200) == nil)
        #expect(try store.takeGrant(for: Self.binding, now: 199)?.approval == "late")
        try store.keep(Store.Grant(approval: "back", approver: "alice"), for: Self.binding, expires: 100, now: 0)
        #expect(try store.revokeGrant("back"))
        #expect(try !store.revokeGrant("back"))
        #expect(try store.takeGrant(for: Self.binding, now: 1) == nil)
    }
}
