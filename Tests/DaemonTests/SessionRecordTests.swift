import Evidence
import StrictJSON
import Testing

@testable import Daemon

@Suite struct SessionRecordTests {
    @Test("what one daemon wrote the next one reads", arguments: [3, nil])
    func roundTrips(_ slot: Int?) {
        let record = SessionRecord(
            id: "0123456789abcdef", slot: slot, scope: "/c/sandboxd.x", pins: "/b/x", server: "s\"x", policy: "00", plan: "", host: "")
        #expect(SessionRecord(bytes: record.json.encoded()) == record)
        #expect(record.facts?.session == record.id)
    }

    @Test("anything else is no record", arguments: ["", "{}", "{\"version\":2}", "[1]", "{\"version\":1,\"id\":\"x\"}"])
    func refuses(_ text: String) {
        #expect(SessionRecord(bytes: Array(text.utf8)) == nil)
    }
}
