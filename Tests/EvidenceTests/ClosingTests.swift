import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

/// Sessions of which the log says that no more receipts come.
@Suite struct ClosingTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private var path: String { scratch.path + "/log" }

    private func findings() throws -> [Finding.Problem] {
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
        return verify(directory: path).findings.map(\.problem)
    }

    /// Sessions of two receipts each, some of them still open.
    private func append(_ sessions: Range<Int>, to log: ReceiptLog, closing: Bool = true) throws {
        for index in sessions {
            try log.append([receipt(.launch, session: "c\(index)"), receipt(.exit, session: "c\(index)")])
        }
        if closing { try log.close(sessions.map { "c\($0)" }, time: someTime) }
    }

    @Test("what a log must know does not grow with the sessions that it closed, and is the same when it is opened")
    func bounded() throws {
        let log = try scratch.log(perSegment: 64)
        try log.append(receipt(.launch, session: "open"))
        var most = 0
        for round in 0..<50 {
            try append(round * 20..<round * 20 + 20, to: log)
            most = max(most, log.state.sessions.count)
            #expect(log.openSessions == 1)
        }
        #expect(most <= 1 + 64, "a segment's")
        try log.checkpoint()
        #expect(try findings() == [])
        #expect(verify(directory: path).sessions == 1_001)
        let again = try scratch.log("log", perSegment: 64)
        #expect(again.passedOver > 0 && again.openSessions == 1 && again.mayGoOn("open") && !again.mayGoOn("c1"))
        try again.append(receipt(.exit, session: "open"))
        try again.checkpoint()
        #expect(try findings() == [])
    }

    @Test("many are closed by several receipts, twice is as once, and what was never there is nothing")
    func closing() throws {
        let log = try scratch.log(perSegment: 10_000)
        try append(0..<600, to: log, closing: false)
        #expect(log.openSessions == 600 && log.closable { $0 == "c7" }.count == 599)
        let size = log.size
        try log.close(log.closable { $0 == "c7" } + ["c1", "nobody"], time: someTime)
        #expect(log.size == size + 3 && log.openSessions == 1 && log.closable { _ in false } == ["c7"])
        try log.checkpoint()
        #expect(try findings() == [])
    }

    @Test("what is kept for a time alone is retention's to forget")
    func keptForATime() throws {
        let log = try scratch.log(perSegment: 4)
        let launch = try Receipt(.launch, time: someTime, facts: facts("t"), body: [Keep.member: Keep.seconds(60).json])
        try log.append([launch, receipt(.exit, session: "t")])
        #expect(log.closable { _ in false } == [])
        // Whoever closes it all the same changes nothing of that.
        try log.close(["t"], time: someTime)
        #expect(!log.mayGoOn("t"))
        try append(0..<4, to: log)
        #expect(log.mayGoOn("t") && log.state.sessions["t"].keep == .seconds(60))
        try log.checkpoint()
        #expect(try log.retain(now: someTime + 86_400_000_000_000 * 2) != nil)
        #expect(try findings() == [])
    }

    /// Lines behind what is signed, as whoever can write there but has no key would add them.
    private func forge(_ session: String, number: UInt64, in log: consuming ReceiptLog) throws {
        let (size, start) = (log.size, log.state.segmentStart)
        _ = consume log
        let line = try receipt(.decision, session: session).line(number: size, sessionNumber: number, custody: .daemon)
        let name = "log/segments/" + LogFiles.segment(from: start)
        try scratch.write(name, try scratch.read(name) + line + [0x0A])
    }

    @Test(
        "a late statement is found by whoever opens the log: while its session is remembered, and after that by its number",
        arguments: [0, 1])
    func late(segments: Int) throws {
        let log = try scratch.log(perSegment: 64)
        try append(0..<3, to: log)
        if segments > 0 { try append(3..<60, to: log) }
        try log.checkpoint()
        #expect(try findings() == [])
        try forge("c1", number: 3, in: log)
        #expect { try scratch.log(perSegment: 64) } throws: { error in
            guard case LogError.damaged(let finding) = error else { return false }
            return finding.problem == (segments == 0 ? .closedSession("c1") : .sessionNumber(session: "c1", expected: 1, found: 3))
        }
        #expect(try findings() == [.closedSession("c1")])
    }

    @Test("one that begins anew, too late to be remembered, is found by whoever verifies the log")
    func anew() throws {
        let log = try scratch.log(perSegment: 64)
        try append(0..<3, to: log)
        try append(3..<60, to: log)
        try log.checkpoint()
        try forge("c1", number: 1, in: log)
        // Opening is no verifying: a session that never was could stand there as well.
        let opened = try scratch.log(perSegment: 64)
        #expect(opened.mayGoOn("c1"))
        #expect(try findings() == [.closedSession("c1"), .sessionNumber(session: "c1", expected: 3, found: 1)])
    }

    @Test("a spool that comes back for a session that was closed is no reason to believe the log", arguments: [true, false])
    func spool(isRemembered: Bool) throws {
        let log = try scratch.log(perSegment: 64)
        try append(0..<3, to: log)
        if !isRemembered { try append(3..<60, to: log) }
        try log.append(receipt(.decision, session: "c1"))
        try log.checkpoint()
        #expect(try findings().contains(.closedSession("c1")))
    }

    @Test(
        "only what the log itself says closes anything",
        arguments: [
            #"{"event":"sessions-closed","sessions":"c1"}"#, #"{"event":"sessions-closed","sessions":[1]}"#,
            #"{"event":"sessions-closed"}"#,
            #"{"event":"sessions-closed","sessions":["a b"]}"#, #"{"event":"sessions-opened","sessions":["c1"]}"#, "[]", "null",
        ])
    func bodies(text: String) throws { #expect(ClosedSessions(body: try JSON(parsing: Array(text.utf8))) == nil) }

    @Test("a gate that says so of others closes nobody")
    func gates() throws {
        let log = try scratch.log(perSegment: 64)
        try append(0..<2, to: log, closing: false)
        try log.append(try Receipt(.lifecycle, time: someTime, facts: facts("c1"), body: ClosedSessions(["c0"]).body))
        try log.append(receipt(.decision, session: "c0"))
        try log.checkpoint()
        #expect(try findings() == [])
        #expect(try scratch.log(perSegment: 64).mayGoOn("c0"))
    }
}
