import ControlProtocol
import Evidence
import KernelPlan
import Policy
import StrictJSON
import Testing

@testable import Commands

/// The refusals ledger, as it is shown and exported.
@Suite struct LedgerTests {
    private static let text = """
        sandboxd: 1
        name: notes
        egress: {tcp: ["203.0.113.10:443"]}

        """

    private static let summary = RefusalSummary(
        id: "0123456789abcdef", caller: 1_000, policy: "notes", state: .open, codes: ["R201"], times: 3, firstSeen: 1_769_846_700,
        lastSeen: 1_769_846_800)

    private static let reason = Reason(
        .mechanismUnavailable, at: SourceLocation(file: "notes.yaml", line: 3, column: 16, length: 20),
        ["clause": "egress.tcp", "mechanism": "connect-hooks", "observed": "absent (load: EPERM)", "needs": "connect-hooks"])

    private static func entry(
        _ state: RefusalSummary.State = .open, policy: String = "notes", file: String = "notes.yaml", text: String = text,
        reasons: [Reason] = [reason], events: [RefusalDetails.Event] = []
    ) -> LedgerEntry {
        var summary = summary
        (summary.state, summary.policy) = (state, policy)
        let finding = RefusalDetails.Finding(
            subject: String(repeating: "a", count: 64), isExpanded: true, host: String(repeating: "b", count: 64), reasons: reasons,
            leftOut: 0, layers: [:], stage: .launch, times: 2, firstSeen: 1_769_846_750, lastSeen: 1_769_846_800,
            firstReceipt: RefusalDetails.Receipt(log: "/var/lib/sandboxd/evidence", number: 7),
            lastReceipt: RefusalDetails.Receipt(log: "/var/lib/sandboxd/evidence", number: 9))
        var before = finding
        (before.subject, before.times, before.lastSeen) = (String(repeating: "c", count: 64), 1, 1_769_846_700)
        let host = HostProfile(
            kernel: "6.1.0", architecture: "x86_64", custody: .daemon, landlockABI: 2, observations: [.connectHooks: .absent("load: EPERM")]
        )
        let first = [RefusalDetails.Event(kind: .refused, time: 1_769_846_700, author: nil, words: nil)]
        return LedgerEntry(
            RefusalDetails(
                summary: summary, findings: [finding, before], events: first + events,
                documents: [RefusalDetails.Document(name: file, size: Int64(text.utf8.count), bytes: Array(text.utf8))], host: host.json))
    }

    private static let closing = RefusalDetails.Event(kind: .closed, time: 1_769_846_900, author: 0, words: "moves to a newer host in May")

    // MARK: Text

    @Test("the list has one line for each entry")
    func list() {
        var other = Self.summary
        (other.policy, other.codes, other.state) = ("a\u{202e}b", ["R107", "R203"], .resolved)
        #expect(
            LedgerText.list([Self.summary, other], isFiltered: false, omitted: 2, .plain) == """
                ID                POLICY      CALLER  CODES      STATE     COUNT  LAST SEEN
                0123456789abcdef  notes         1000  R201       open          3  2026-01-31 08:06:40 UTC
                0123456789abcdef  a\\u{202e}b    1000  R107 R203  resolved      3  2026-01-31 08:06:40 UTC
                2 more refusals are in receipts alone: the ledger had no room, or could not be written

                """)
        #expect(LedgerText.list([], isFiltered: false, omitted: 0, .plain) == "no policy is refused\n")
        #expect(LedgerText.list([], isFiltered: true, omitted: 0, .plain) == "no such refusal\n")
    }

    @Test("an entry is shown whole: the refusal as at launch, the host, and what happened")
    func whole() {
        let entry = Self.entry(.closed, events: [Self.closing])
        let refusal = RefusalText(source: entry.source, style: .plain).text([Self.reason])
        #expect(refusal.contains("\n 3 | egress: {tcp: [\"203.0.113.10:443\"]}\n   |                ^~~~"))
        #expect(refusal.contains("= help: "))
        #expect(
            LedgerText.whole(entry, .plain) == """
                0123456789abcdef: policy `notes` of uid 1000
                closed, which permits nothing; refused 3 times, first 2026-01-31 08:05:00 UTC, last 2026-01-31 08:06:40 UTC
                last at launch, for this twice
                receipts 7 and 9, the first and the last, in `/var/lib/sandboxd/evidence`
                policy sha256:\(String(repeating: "a", count: 64)) as expanded

                \(refusal)
                host Linux 6.1.0, x86_64, asked by sandboxd, sha256:\(String(repeating: "b", count: 64))
                  connect-hooks: absent (load: EPERM) (TCP connections by address and port)

                history
                  2026-01-31 08:05:00 UTC  refused
                  2026-01-31 08:08:20 UTC  closed by uid 0: moves to a newer host in May

                refused before for
                  2026-01-31 08:05:00 UTC  R201, once; policy sha256:cccccccccccc…, host sha256:bbbbbbbbbbbb…

                """)
    }

    @Test("the line that names an entry ends a refusal, and none stands where nothing was recorded")
    func recorded() {
        let text = RefusalText(source: { _ in nil }, style: .plain)
        #expect(text.recorded(as: "0123456789abcdef") == "\n  = recorded: `sandboxctl refusals show 0123456789abcdef`\n")
        #expect(text.recorded(as: nil) == "")
    }

    // MARK: Layers

    @Test("no file is quoted that the ledger has not told of as a layer, whatever name a position carries")
    func layers() {
        let entry = Self.entry(reasons: [Reason(.unknownKey, at: SourceLocation(file: "/etc/passwd", line: 1, column: 1), ["key": "x"])])
        #expect(entry.source("/etc/passwd") == nil)
        #expect(!LedgerText.whole(entry, .plain).contains("root:"))
    }

    // MARK: Exports

    private static func sarif(_ entries: [LedgerEntry]) -> JSON { LedgerSARIF.json(entries, directory: "/p") }

    @Test("the ledger as SARIF is valid by the official schema; what is closed is suppressed, with who and why")
    func sarif() throws {
        let document = Self.sarif([Self.entry(), Self.entry(.closed, reasons: [Reason(.needsDaemon)], events: [Self.closing])])
        #expect(try OfficialSARIF.isValid(document))
        let run = try #require(document["runs"]?.array?.first)
        let results = try #require(run["results"]?.array)
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
        #expect(results.map { $0["ruleId"]?.string } == ["R201", "R202"])
        for result in results { #expect(rules[Int(try #require(result["ruleIndex"]?.int64))]["id"] == result["ruleId"]) }
        #expect(results[0]["suppressions"] == nil)
        #expect(results[1]["suppressions"]?.array?.first?["justification"] == "closed by uid 0: moves to a newer host in May")
        let place = try #require(results[0]["locations"]?.array?.first?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"] == "notes.yaml")
        #expect(place["region"] == ["startLine": 3, "startColumn": 16, "endColumn": 36])
        #expect(Set(results.compactMap { $0["partialFingerprints"]?["sandboxdRefusal/v1"]?.string }).count == 2)
    }

    @Test("the ledger as JSON says how each reason reads, and what would make the policy expressible")
    func json() throws {
        let json = LedgerJSON.json(Self.entry())
        let reason = try #require(json["findings"]?.array?.first?["reasons"]?.array?.first)
        let words = ReasonWords(Self.reason)
        #expect(reason["message"]?.string == words.message && reason["help"]?.string == words.help && words.help != nil)
        #expect(json["documents"]?.array?.first?["text"]?.string == Self.text)
        #expect(json["host"]?["observed"]?["connect-hooks"] == "absent (load: EPERM)")
    }

    @Test("the page needs nothing from elsewhere, and no text of others is markup in it")
    func html() {
        let attack = "<script>alert(1)</script>\u{202e}<img src=x onerror='y'>\" onload=\"z"
        let hostile = Self.entry(
            policy: attack, file: attack, text: "sandboxd: 1\nname: \(attack)\n" + attack + "\n",
            reasons: [
                Reason(.unknownKey, at: SourceLocation(file: attack, line: 3, column: 1, length: 8), ["key": attack, "place": attack])
            ],
            events: [RefusalDetails.Event(kind: .noted, time: 1, author: 5, words: attack)])
        let page = LedgerHTML.text([Self.entry(), hostile, Self.entry(.closed, events: [Self.closing])], omitted: 3)
        for mark in ["<script", "<img", "onerror='", "\" onload=\"", "\u{202e}", "http:", "https:", "url(", "@import", "<link"] {
            #expect(!page.contains(mark), "\(mark)")
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("2 refusals are open."))
        #expect(page.contains("closed by uid 0: <bdi>moves to a newer host in May</bdi>"))
        #expect(LedgerHTML.text([], omitted: 0).contains("No policy is refused."))
    }
}
