import Evidence
import KernelPlan
import StrictJSON
import Testing

@testable import Daemon

@Suite struct SessionRecordTests {
    @Test("what one daemon wrote the next one reads", arguments: [2_000_000_003, nil])
    func roundTrips(_ uid: UInt32?) {
        let record = SessionRecord(
            id: "0123456789abcdef", users: uid.map { UserPool.Users(server: $0) }, scope: "/c/sandboxd.x",
            limits: [.tasks: "/p/sandboxd.x"], pins: "/b/x",
            server: "s\"x", policy: "00", plan: "", host: "", isAudited: uid == nil)
        #expect(SessionRecord(bytes: record.json.encoded()) == record)
        #expect(record.facts?.session == record.id)
    }

    static let limitCases: [(String, [Controller: String]?)] = [
        ("", [:]), (",\"limits\":{\"memory\":\"/m\"}", [.memory: "/m"]), (",\"limits\":{\"x\":\"/m\"}", nil), (",\"limits\":1", nil),
    ]

    @Test("a record of a version that knew no limits has none, and one that names others is no record", arguments: limitCases)
    func limits(_ member: String, _ expected: [Controller: String]?) {
        let names = ["scope", "pins", "server", "policy", "plan", "host"].map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let record = SessionRecord(bytes: Array("{\"version\":1,\"id\":\"ab\",\"uid\":null,\(names)\(member)}".utf8))
        #expect(record?.limits == expected && record?.isAudited != true)
    }

    @Test("the uids of a session are kept")
    func users() {
        let names = ["scope", "pins", "server", "policy", "plan", "host"].map { "\"\($0)\":\"\"" }.joined(separator: ",")
        #expect(SessionRecord(bytes: Array("{\"version\":1,\"id\":\"ab\",\(names),\"uid\":70000}".utf8))?.users?.server == 70_000)
    }

    @Test("a session whose uids are not known is no session", arguments: ["", ",\"uid\":-1", ",\"uid\":\"1\"", ",\"slot\":1"])
    func noUsers(_ member: String) {
        let names = ["scope", "pins", "server", "policy", "plan", "host"].map { "\"\($0)\":\"\"" }.joined(separator: ",")
        #expect(SessionRecord(bytes: Array("{\"version\":1,\"id\":\"ab\",\(names)\(member)}".utf8)) == nil)
    }

    @Test("anything else is no record", arguments: ["", "{}", "{\"version\":2}", "[1]", "{\"version\":1,\"id\":\"x\"}"])
    func refuses(_ text: String) {
        #expect(SessionRecord(bytes: Array(text.utf8)) == nil)
    }
}
