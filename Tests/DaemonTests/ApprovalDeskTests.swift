import Descriptors
import Policy
import SessionProtocol
import Store
import TestSupport
import Testing

@testable import Daemon

@Suite struct ApprovalDeskTests {
    private static let asker = ApprovalDesk.Asker(
        caller: 1_000, server: "shop", policy: "p", client: nil, approvers: Approvers(by: [.caller], within: 900, wait: 45))

    private static func binding(_ arguments: String = "a", caller: UInt32 = 1_000) -> GrantBinding {
        GrantBinding(caller: caller, server: "shop", tool: "refund", arguments: arguments, policy: "p")
    }

    private static func call(_ arguments: String = "{}") -> HeldCall { HeldCall(tool: "refund", arguments: arguments, rule: "big") }

    private static func waiter(_ number: Int64, _ session: String = "s") -> ApprovalDesk.Waiter {
        ApprovalDesk.Waiter(session: session, number: number)
    }

    private static func ask(
        _ desk: inout ApprovalDesk, _ number: Int64, _ arguments: String = "a", id: String? = nil, session: String = "s", now: Int64 = 0
    ) -> ApprovalDesk.Asked {
        desk.ask(call(), binding(arguments), asker, waiter(number, session), id: id ?? "id\(number)", now: now)
    }

    @Test("each call that waits has a question of its own, also when it is like another")
    func separate() throws {
        var desk = ApprovalDesk()
        #expect(Self.ask(&desk, 1) == .held("id1"))
        #expect(Self.ask(&desk, 2) == .held("id2"))
        #expect(desk.open(now: 0).map(\.id) == ["id1", "id2"])
        let first = try #require(desk.entry("id1", now: 0))
        desk.approve(first, by: "alice")
        #expect(desk.open(now: 0).map(\.id) == ["id2"])
        #expect(desk.entry("id1", now: 0) == nil)
    }

    @Test("a call that was answered finds its question when it comes again, in whatever session, and only if it is the same")
    func comesAgain() throws {
        var desk = ApprovalDesk()
        _ = Self.ask(&desk, 1)
        #expect(desk.detach(Self.waiter(1)) == nil)
        #expect(desk.leave(session: "s").isEmpty)
        #expect(desk.entry("id1", now: 0)?.waits == false)
        #expect(Self.ask(&desk, 5, "b", session: "t") == .held("id5"))
        #expect(Self.ask(&desk, 6, session: "t") == .held("id1"))
        let again = try #require(desk.entry("id1", now: 0))
        #expect(again.waits && again.origin == Self.waiter(6, "t") && again.expires == 900)
        #expect(Self.ask(&desk, 7, session: "t") == .held("id7"))
    }

    @Test("a denial of a call that was answered is told once")
    func deniesLater() throws {
        var desk = ApprovalDesk()
        _ = Self.ask(&desk, 1)
        _ = desk.detach(Self.waiter(1))
        let denial = ApprovalDesk.Denial(by: "alice", why: "no")
        desk.deny(try #require(desk.entry("id1", now: 0)), denial)
        #expect(desk.open(now: 0).isEmpty && desk.entry("id1", now: 0) == nil)
        #expect(Self.ask(&desk, 2) == .denied("id1", denial))
        #expect(Self.ask(&desk, 3) == .held("id3"))
    }

    @Test("what waited in a session that is over, or was withdrawn, is on the desk no more")
    func leaves() {
        var desk = ApprovalDesk()
        _ = Self.ask(&desk, 1)
        _ = Self.ask(&desk, 2)
        #expect(desk.withdraw(Self.waiter(1)).entry?.id == "id1")
        #expect(desk.leave(session: "s").map(\.id) == ["id2"])
        #expect(desk.open(now: 0).isEmpty)
        #expect(desk.withdraw(Self.waiter(9)).entry == nil)
    }

    @Test("a grant that met a call on its way out of line is for the next call; one that was stored is taken back with its call")
    func crosses() throws {
        var desk = ApprovalDesk()
        _ = Self.ask(&desk, 1)
        desk.approve(try #require(desk.entry("id1", now: 0)), by: "alice")
        let crossed = desk.detach(Self.waiter(1))
        let late = try #require(crossed)
        #expect(late.grant == Store.Grant(approval: "id1", approver: "alice") && late.entry.binding == Self.binding())
        #expect(desk.detach(Self.waiter(1)) == nil)
        #expect(desk.withdraw(Self.waiter(1)).stored == "id1")
        #expect(desk.withdraw(Self.waiter(1)).stored == nil)

        _ = Self.ask(&desk, 2)
        desk.approve(try #require(desk.entry("id2", now: 0)), by: "alice")
        #expect(desk.withdraw(Self.waiter(2)).stored == nil)
        #expect(desk.detach(Self.waiter(2)) == nil)

        _ = Self.ask(&desk, 3)
        _ = desk.detach(Self.waiter(3))
        desk.approve(try #require(desk.entry("id3", now: 0)), by: "alice")
        #expect(desk.withdraw(Self.waiter(3)).stored == "id3")
    }

    @Test("a question expires, and nobody can answer it then")
    func expires() {
        var desk = ApprovalDesk()
        _ = Self.ask(&desk, 1)
        #expect(desk.nextExpiry == 900)
        #expect(desk.expire(now: 899).isEmpty)
        #expect(desk.entry("id1", now: 900) == nil && desk.open(now: 900).isEmpty)
        #expect(desk.expire(now: 900).map(\.id) == ["id1"])
        #expect(desk.nextExpiry == nil)
    }

    @Test("a caller has so many, whoever the others are; the last arguments that were approved are known by tool")
    func bounds() throws {
        var desk = ApprovalDesk()
        for number in 0..<300 { _ = Self.ask(&desk, Int64(number), "\(number)") }
        #expect(desk.open(now: 0).count == 256)
        #expect(Self.ask(&desk, 999, "x") == .tooMany)
        let other = ApprovalDesk.Asker(caller: 2, server: "shop", policy: "p", client: nil, approvers: Self.asker.approvers)
        #expect(desk.ask(Self.call(), Self.binding("x", caller: 2), other, Self.waiter(1, "t"), id: "other", now: 0) == .held("other"))
        let entry = try #require(desk.entry("id1", now: 0))
        #expect(desk.lastApproved(like: entry) == nil)
        desk.approve(entry, by: "alice")
        #expect(desk.lastApproved(like: try #require(desk.entry("id2", now: 0))) == "{}")
        #expect(desk.lastApproved(like: try #require(desk.entry("other", now: 0))) == nil)
    }

    @Test("what the caller approved in the client's window is what later approvers compare with; what was withdrawn is not")
    func accepts() throws {
        var desk = ApprovalDesk()
        for (number, arguments) in [(1, "first"), (2, "second"), (3, "third"), (4, "fourth")] {
            _ = desk.ask(Self.call(arguments), Self.binding(arguments), Self.asker, Self.waiter(Int64(number)), id: "id\(number)", now: 0)
        }
        let last = try #require(desk.entry("id4", now: 0))
        #expect(desk.withdraw(Self.waiter(1)).entry?.id == "id1")
        #expect(desk.lastApproved(like: last) == nil)
        #expect(desk.accept(Self.waiter(2)).entry?.id == "id2")
        #expect(desk.lastApproved(like: last) == "second" && desk.open(now: 0).map(\.id) == ["id3", "id4"])
        #expect(desk.accept(Self.waiter(2)).entry == nil && desk.accept(Self.waiter(9)).entry == nil)
        // Answered with the question, and approved elsewhere meanwhile: that grant is taken back.
        _ = desk.detach(Self.waiter(3))
        desk.approve(try #require(desk.entry("id3", now: 0)), by: "alice")
        let accepted = desk.accept(Self.waiter(3))
        #expect(accepted.entry == nil && accepted.stored == "id3" && desk.lastApproved(like: last) == "third")
    }

    @Test("what servers ask for takes no more than a part of a caller's room: calls are asked about all the same")
    func boundsMessages() throws {
        var desk = ApprovalDesk()
        let message = HeldCall(tool: "roots/list", arguments: "{}", rule: "messages.roots", message: .roots)
        for number in 0..<70 {
            let asked = desk.ask(message, Self.binding("\(number)"), Self.asker, Self.waiter(Int64(number)), id: "m\(number)", now: 0)
            #expect(asked == (number < 64 ? .held("m\(number)") : .tooMany))
        }
        #expect(Self.ask(&desk, 100) == .held("id100"))
    }

    @Test("a grant for a call is none for a message, whatever a gate says")
    func tellsApart() throws {
        let call = HeldCall(tool: "refund", arguments: "{}", rule: "big")
        let message = HeldCall(tool: "sampling/createMessage", arguments: "{}", rule: "messages.sampling", message: .sampling)
        #expect(HeldCall(call.json) == call && HeldCall(message.json) == message)
        for (one, tool, kind) in [(call, "sampling/createMessage", nil), (message, "refund", .sampling)]
            as [(HeldCall, String, MessageKind?)]
        {
            var lies = one
            (lies.tool, lies.message) = (tool, kind)
            #expect(HeldCall(lies.json) == nil)
        }
    }

    @Test("an id is short, and of letters that are not taken for one another")
    func ids() {
        var random = SeededGenerator(seed: 1)
        let ids = (0..<100).map { _ in ApprovalDesk.id((0..<10).map { _ in UInt8.random(in: 0...255, using: &random) }) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.utf8.count == 11 && $0.utf8.allSatisfy { !"ilou".utf8.contains($0) } && $0 == $0.lowercased() })
    }

    @Test("who decides: the caller, a user or a member of a group, and nobody else, root neither")
    func approvers() {
        func peer(_ user: UInt32, _ group: UInt32 = 99_999, _ groups: [UInt32] = []) -> PeerCredentials {
            PeerCredentials(process: 1, user: user, group: group, groups: groups)
        }
        let caller = Approvers(by: [.caller], within: 1, wait: 1)
        #expect(caller.include(peer(7), caller: 7) && !caller.include(peer(8), caller: 7) && !caller.include(peer(0), caller: 7))
        let user = Approvers(by: [.user("daemon")], within: 1, wait: 1)
        #expect(user.include(peer(1), caller: 7) && !user.include(peer(7), caller: 7) && !user.include(peer(0), caller: 7))
        let group = Approvers(by: [.group("daemon")], within: 1, wait: 1)
        #expect(
            group.include(peer(7, 1), caller: 7) && group.include(peer(8, 9, [3, 1]), caller: 7) && !group.include(peer(1, 9), caller: 7))
        let nobody = Approvers(by: [.group("no-such-group"), .user("no-such-user")], within: 1, wait: 1)
        #expect(!nobody.include(peer(0, 0), caller: 0))
    }
}
