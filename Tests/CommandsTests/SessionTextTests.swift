import ControlProtocol
import KernelPlan
import Testing

@testable import Commands

@Suite struct SessionTextTests {
    /// Names that whoever runs a session chooses.
    private static let hostile = "a\u{202e}b\u{7}\u{1b}[31m"
    private static let escaped = "a\\u{202e}b\\u{7}\\u{1b}[31m"

    private static func session(_ server: String = "notes") -> SessionSummary {
        SessionSummary(
            id: "0123456789abcdef", server: server, caller: 1_000,
            client: ApprovalSummary.Client(pid: 7, executable: server == "notes" ? "/usr/bin/agent" : server), state: .running,
            since: 1_000,
            decisions: DecisionCounts(forward: 12, hold: 1, block: 3), waiting: 1, denials: 4)
    }

    private static func details(_ name: String = "notes") -> SessionDetails {
        let budget = BudgetSummary(caller: 1_000, kind: .policy, document: name, budget: "refunds", day: 0, spent: "20", limit: "2000")
        return SessionDetails(
            policyName: name, policy: "aa", plan: "bb", host: "cc", uid: 1_000, blocks: ["D201": 2, "D203": 1],
            kernel: ["connect-hooks": 3, "landlock": 1], lost: 2, approvals: ["abcde-fghjk"], budgets: [budget],
            mechanisms: ["landlock-files", "seccomp"], isAdopted: true)
    }

    @Test("a session is told in lines, each with a word in front")
    func whole() {
        let text = SessionText.whole(Self.session(), Self.details(), at: "/run/s.sock", now: 1_090, .plain)
        #expect(
            text == """
                0123456789abcdef: `notes`, running, for 90 s
                policy     `notes`, sha256:aa
                plan       sha256:bb
                host       sha256:cc
                caller     uid 1000
                client     /usr/bin/agent, process 7
                server     runs as uid 1000
                kept by    sandboxd at `/run/s.sock`, which took it over from an earlier one
                held by    landlock-files seccomp
                decisions  12 forwarded, 1 asked, 3 blocked
                blocked    D201  2
                           D203  1
                kernel     4 acts denied, 2 lost
                denied by  connect-hooks  3
                           landlock  1
                waiting    abcde-fghjk (see `sandboxctl approvals show`)
                budgets    `refunds` of `notes`: 20 of 2000 spent today

                """)
    }

    @Test("names that would move the cursor or turn the reading round are escaped wherever they stand")
    func escapes() {
        let text = SessionText.whole(Self.session(Self.hostile), Self.details(Self.hostile), at: "/run/s.sock", now: 1_090, .plain)
        let denial = DenialSummary(
            time: 1, session: "s", server: Self.hostile, by: .gate, what: Self.hostile, reason: Self.hostile, rule: Self.hostile)
        let status = DaemonStatus(
            custody: .daemon, process: 1, version: Self.hostile, started: 0, starters: Starters(who: .members, group: Self.hostile),
            sessions: [.running: 1], log: LogSummary(receipts: 5, signed: 4, fault: nil, secondCustody: .absent),
            store: StoreSummary(kind: .postgresql, fault: Self.hostile), waiting: 0, oldestWait: nil, refusals: 0, denials: [denial])
        for shown in [text, StatusText.text((name: Self.hostile, isFallback: false), status, nil, .plain)] {
            #expect(shown.contains(Self.escaped.prefix(20)))
            #expect(!shown.unicodeScalars.contains { $0 != "\n" && Escaping.isHidden($0) })
        }
    }

    @Test("open refusals are counted, with the command that shows them; a ledger that cannot be read is no ledger without any")
    func refusals() {
        func line(_ count: Int64?) -> String? {
            let status = DaemonStatus(
                custody: .daemon, process: 1, version: "1", started: 0, starters: Starters(who: .members, group: "g"), sessions: [:],
                log: LogSummary(receipts: 5, signed: 4, fault: nil, secondCustody: .absent),
                store: StoreSummary(kind: .sqlite, fault: nil), waiting: 0, oldestWait: nil, refusals: count,
                denials: [])
            let text = StatusText.text((name: "/run/s.sock", isFallback: false), status, nil, .plain)
            return text.split(separator: "\n").map(String.init).first { $0.hasPrefix("open refusals:") }
        }
        #expect(line(0) == "open refusals: none" && line(3) == "open refusals: 3 (`sandboxctl refusals list`)")
        #expect(line(nil) == "open refusals: not told, since the ledger cannot be read")
    }

    @Test("a table is cut at the terminal's edge, by columns and not by characters")
    func table() {
        var table = TextTable(("NAME", .left), ("COUNT", .right))
        table.add(["語語", "1"])
        table.add(["e\u{301}", "12"])
        #expect(table.lines() == ["NAME  COUNT", "語語      1", "e\u{301}        12"])
        for width in 1...11 {
            #expect(table.lines(width: width).allSatisfy { TextWidth.columns($0) <= width })
        }
        #expect(table.lines(width: 6) == ["NAME …", "語語 …", "e\u{301}    …"])
        #expect(
            TextTable.clipped("abc", to: nil) == "abc" && TextTable.clipped("abc", to: 3) == "abc"
                && TextTable.clipped("abcd", to: 3) == "ab…")
    }

    @Test(
        "tables stand in their columns whatever names are made of, and never go beyond the terminal's edge", arguments: [80, 120],
        ["notes", "語語語✅", "e\u{301}e\u{301}", "👩‍💻 of \u{1b}[2J", String(repeating: "漢", count: 80), "a\r\nb\tc\u{9b}5D"])
    func tables(width: Int, name: String) throws {
        let waiting = ["send", name].map { tool in
            ApprovalSummary(
                id: "abcde-fghjk", session: "s", server: name, tool: tool, policy: "aa", rule: name, layer: nil, reason: nil, caller: 1,
                client: nil, asked: 0, expires: 9, waits: false, by: [], mayDecide: false)
        }
        let refusals = ["notes", name].map { policy in
            RefusalSummary(
                id: "0123456789abcdef", caller: 1, policy: policy, hostname: name, state: .open, codes: [name, "R201"], times: 1,
                firstSeen: 0,
                lastSeen: 0)
        }
        let denials = ["send", name].map { what in
            DenialSummary(time: 1, session: "0123456789abcdef", server: name, by: .gate, what: what, reason: "D201", rule: name)
        }
        let status = DaemonStatus(
            custody: .daemon, process: 1, version: "1", started: 0, starters: Starters(who: .members, group: "g"), sessions: [:],
            log: LogSummary(receipts: 5, signed: 4, fault: nil, secondCustody: .absent),
            store: StoreSummary(kind: .sqlite, fault: nil), waiting: 0, oldestWait: nil, refusals: 0,
            denials: denials)
        let told = StatusText.text((name: "/s", isFallback: false), status, nil, width: width, .plain)
        for (text, column) in [
            (ApprovalText.list(waiting, now: 9, width: width), "SERVER"),
            (LedgerText.list(refusals, isFiltered: false, omitted: 0, width: width, .plain), "CALLER"),
            (String(try #require(told.split(separator: "last denials:\n").last)), "BY"),
        ] {
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines.count == 3, "\(lines)")
            #expect(lines.allSatisfy { TextWidth.columns($0) <= width && !$0.unicodeScalars.contains(where: Escaping.isHidden) })
            // Where a column begins, it begins in each line: what is before it has a space at its end.
            let begin = TextWidth.columns(String(try #require(lines[0].split(separator: column).first)))
            for line in lines.dropFirst() where TextWidth.columns(line) > begin {
                var used = 0
                let before = line.unicodeScalars.prefix {
                    used += TextWidth.columns(String($0))
                    return used <= begin
                }
                #expect(TextWidth.columns(String(String.UnicodeScalarView(before))) == begin && before.last == " ", "\(line)")
            }
        }
    }

    @Test(
        "what terminals give two columns counts as two",
        arguments: [("✅", 2), ("⚡", 2), ("⭐", 2), ("漢", 2), ("！", 2), ("é", 1), ("─", 1), ("…", 1), ("🚀", 2)])
    func widths(text: String, columns: Int) { #expect(TextWidth.columns(text) == columns) }

    @Test("who may start sessions is said for each kind of host", arguments: Starters.Who.allCases)
    func starters(who: Starters.Who) {
        let words = Starters(who: who, group: "sandboxd-users").words
        #expect(words.contains("sandboxd-users") == (who != .owner))
    }

    @Test("two words are one command where the table has it, and else the first word's")
    func words() throws {
        func read(_ words: String...) throws -> String? {
            var reader = ArgumentReader(words.map { Array($0.utf8) }, table: .all)
            if case .run(let command, _) = try reader.read() { return command.name }
            return nil
        }
        #expect(try read("sessions") == "sessions" && read("sessions", "--json") == "sessions")
        #expect(try read("sessions", "show", "x") == "sessions show" && read("sessions", "kill", "x", "--reason", "y") == "sessions kill")
        #expect(throws: UsageError.unexpectedArgument("end")) { _ = try read("sessions", "end") }
    }
}
