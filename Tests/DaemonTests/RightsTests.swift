import ControlProtocol
import Descriptors
import Glibc
import KernelPlan
import Testing

@testable import Daemon

/// The table of roles, written out once more: whoever changes a right changes it here, too.
@Suite struct RightsTests {
    private typealias Reach = Rights.Reach

    /// By role, in the order of `Rights.Role`: anybody, user, approver, auditor, root, owner.
    private static let expected: [ControlInterface.Method: [Rights.Reach]] = [
        .wrap: [.nothing, .own, .nothing, .nothing, .all, .own],
        .recordPreparation: [.nothing, .own, .nothing, .nothing, .all, .own],
        .hostProfile: [.own, .nothing, .nothing, .all, .all, .own],
        .describeLog: [.own, .nothing, .nothing, .all, .all, .own],
        .status: [.own, .nothing, .nothing, .all, .all, .own],
        .listSessions: [.own, .nothing, .nothing, .all, .all, .own],
        .showSession: [.own, .nothing, .nothing, .all, .all, .own],
        .killSession: [.own, .nothing, .nothing, .nothing, .all, .own],
        .listApprovals: [.named, .nothing, .named, .all, .all, .named],
        .showApproval: [.named, .nothing, .named, .all, .all, .named],
        .approve: [.named, .nothing, .named, .nothing, .named, .named],
        .deny: [.named, .nothing, .named, .nothing, .named, .named],
        .watchApprovals: [.named, .nothing, .named, .all, .all, .named],
        .eraseContent: [.nothing, .nothing, .nothing, .nothing, .all, .nothing],
        .listBudgets: [.own, .nothing, .nothing, .all, .all, .own],
        .resetBudgets: [.nothing, .nothing, .nothing, .nothing, .all, .own],
        .listPins: [.own, .nothing, .nothing, .all, .all, .own],
        .showPin: [.own, .nothing, .nothing, .all, .all, .own],
        .acceptPin: [.own, .nothing, .nothing, .nothing, .all, .own],
        .rejectPin: [.own, .nothing, .nothing, .nothing, .all, .own],
        .rotateKey: [.nothing, .nothing, .nothing, .nothing, .all, .own],
        .check: [.nothing, .own, .nothing, .nothing, .all, .own],
        .listRefusals: [.own, .nothing, .nothing, .all, .all, .own],
        .showRefusal: [.own, .nothing, .nothing, .all, .all, .own],
        .noteRefusal: [.own, .nothing, .nothing, .all, .all, .own],
        .closeRefusal: [.nothing, .nothing, .nothing, .all, .all, .own],
        .reload: [.nothing, .nothing, .nothing, .nothing, .all, .nothing],
        .listLog: [.nothing, .nothing, .nothing, .all, .all, .own],
        .readLog: [.nothing, .nothing, .nothing, .all, .all, .own],
    ]

    @Test("each method gives each role what it is to have", arguments: ControlInterface.Method.allCases)
    func table(method: ControlInterface.Method) throws {
        let row = try #require(Self.expected[method], "say who may call \(method.rawValue)")
        #expect(Rights.Role.allCases.map { Rights.to(method)[$0] } == row)
    }

    @Test("auditors decide about nothing, change nothing, and start nothing")
    func auditors() {
        let deciding: [ControlInterface.Method] = [
            .wrap, .recordPreparation, .killSession, .approve, .deny, .eraseContent, .resetBudgets, .acceptPin, .rejectPin, .rotateKey,
            .reload,
        ]
        for method in deciding { #expect(Rights.to(method).auditor == .nothing, "\(method)") }
    }

    // MARK: Who has which role

    private static let numbers: [String: UInt32] = [HostGroups.users: 901, HostGroups.approvers: 902, HostGroups.auditors: 903]
    private static var all: HostGroups { HostGroups { name throws(Errno) in numbers[name] } }
    private static var none: HostGroups { HostGroups { _ throws(Errno) in nil } }
    private static var broken: HostGroups { HostGroups { _ throws(Errno) in throw .io } }

    private static func peer(_ user: UInt32, groups: [UInt32] = [], primary: UInt32 = 1_000) -> PeerCredentials {
        PeerCredentials(process: 1, user: user, group: primary, groups: groups)
    }

    /// What such a peer of the system's daemon reaches; nothing where it is refused.
    private static func reach(_ peer: PeerCredentials, _ method: ControlInterface.Method, _ groups: HostGroups = all) -> Rights.Reach {
        (try? Peer(peer, asking: method, .daemon, groups))?.reach ?? .nothing
    }

    private static func largest(_ method: ControlInterface.Method, _ roles: Rights.Role...) -> Rights.Reach {
        roles.map { Rights.to(method)[$0] }.max() ?? .nothing
    }

    @Test("of its roles the one that reaches farthest counts", arguments: ControlInterface.Method.allCases)
    func roles(method: ControlInterface.Method) {
        #expect(Self.reach(Self.peer(1_000), method) == Rights.to(method).anybody)
        #expect(Self.reach(Self.peer(1_000, groups: [901]), method) == Self.largest(method, .anybody, .user))
        #expect(Self.reach(Self.peer(1_000, primary: 901), method) == Self.largest(method, .anybody, .user))
        #expect(Self.reach(Self.peer(1_000, groups: [902]), method) == Self.largest(method, .anybody, .approver))
        #expect(Self.reach(Self.peer(1_000, groups: [4, 903]), method) == Self.largest(method, .anybody, .auditor))
        #expect(
            Self.reach(Self.peer(1_000, groups: [901, 902, 903]), method) == Self.largest(method, .anybody, .user, .approver, .auditor))
        #expect(Self.reach(Self.peer(0), method) == Rights.to(method).root)
        #expect((try? Peer(Self.peer(1_000), asking: method, .user, Self.all))?.reach ?? .nothing == Rights.to(method).owner)
    }

    @Test("without the group whoever reaches the socket may start sessions, and nobody is an approver or auditor for want of theirs")
    func absent() {
        #expect(Self.reach(Self.peer(1_000), .wrap, Self.none) == .own)
        #expect(Self.reach(Self.peer(1_000), .listSessions, Self.none) == .own)
        #expect(Self.reach(Self.peer(1_000), .eraseContent, Self.none) == .nothing)
    }

    @Test("where a group cannot be looked up nobody has what it would give, and root has all", arguments: ControlInterface.Method.allCases)
    func unknown(method: ControlInterface.Method) {
        let rights = Rights.to(method)
        let isAsked = [rights.user, rights.approver, rights.auditor].contains { $0 > rights.anybody }
        #expect(Self.reach(Self.peer(1_000, groups: [901, 902, 903]), method, Self.broken) == (isAsked ? .nothing : rights.anybody))
        #expect(Self.reach(Self.peer(0), method, Self.broken) == rights.root)
        let peer = try? Peer(Self.peer(1_000, groups: [901, 902, 903]), asking: method, .daemon, Self.broken)
        #expect((peer == nil) == (isAsked || rights.anybody == .nothing))
    }

    @Test("what is somebody else's is reached by whoever reaches all, and by nobody else")
    func others() throws {
        let user = try Peer(Self.peer(1_000), asking: .listSessions, .daemon, Self.all)
        #expect(user.reaches(1_000) && !user.reaches(1_001) && user.only == 1_000)
        let auditor = try Peer(Self.peer(1_000, groups: [903]), asking: .listSessions, .daemon, Self.all)
        #expect(auditor.reaches(1_000) && auditor.reaches(1_001) && auditor.only == nil)
        #expect(try auditor.reach(to: .killSession) == .own)
    }

    @Test("the host's groups are found by name, and what none has is none")
    func host() throws {
        #expect(try HostGroups.host.number("root") == 0)
        let remembered = HostGroups.remembered()
        for _ in 0..<3 { #expect(try remembered.number("root") == 0 && remembered.number("no-such-group-\(getpid())") == nil) }
        #expect(try HostGroups.host.number("no-such-group-\(getpid())") == nil)
        #expect(try HostGroups.host.include(Self.peer(1_000, groups: [0]), in: "root"))
        #expect(try !HostGroups.host.include(Self.peer(1_000), in: "root"))
    }
}
