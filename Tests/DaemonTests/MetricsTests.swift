import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Foundation
import Glibc
import Policy
import Store
import StrictJSON
import TestSupport
import Testing

@testable import Daemon

@Suite struct MetricsTests {
    @Test(
        "metrics are served on a unix socket or on loopback, and nowhere else",
        arguments: [
            ("unix:/run/sandboxd/metrics.sock", .unix("/run/sandboxd/metrics.sock")), ("127.0.0.1:9464", .four(port: 9_464)),
            ("[::1]:9464", .six(port: 9_464)),
        ]
            + [
                "unix:", "unix:relative", "unix:/" + String(repeating: "x", count: 107), "0.0.0.0:9464", "127.0.0.2:9464", "[::]:9464",
                "localhost:9464", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+5", "127.0.0.1:", "127.0.0.1", "::1:9464", "9464", "",
            ].map { ($0, nil) } as [(String, MetricsAddress?)])
    func addresses(text: String, address: MetricsAddress?) {
        #expect(MetricsAddress(text: text) == address)
        if let address { #expect(address.text == text) }
    }

    @Test(
        "one request is understood, and nothing else is",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", .metrics), ("GET /metrics HTTP/1.0\r\n\r\n", .metrics),
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n", .incomplete), ("", .incomplete), ("GET", .incomplete),
            ("POST /metrics HTTP/1.1\r\n\r\n", .refused(.otherMethod)), ("HEAD /metrics HTTP/1.1\r\n\r\n", .refused(.otherMethod)),
            ("GET / HTTP/1.1\r\n\r\n", .refused(.otherPath)), ("GET /metrics?x HTTP/1.1\r\n\r\n", .refused(.otherPath)),
            ("GET /metrics HTTP/2.0\r\n\r\n", .refused(.malformed)), ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(.malformed)),
            ("GET /metrics\r\n\r\n", .refused(.malformed)), ("\r\n\r\n", .refused(.malformed)),
            ("GET /m\u{0}trics HTTP/1.1\r\n\r\n", .refused(.malformed)),
            (String(repeating: "x", count: 8_193), .refused(.tooLarge)), (String(repeating: "x", count: 8_192), .incomplete),
            ("GET /metrics HTTP/1.1\r\nX: " + String(repeating: "x", count: 8_192) + "\r\n\r\n", .refused(.tooLarge)),
        ] as [(String, MetricsRequest)])
    func requests(text: String, request: MetricsRequest) {
        #expect(MetricsRequest(Array(text.utf8)) == request)
    }

    @Test("counts and durations are told in the format of Prometheus")
    func text() {
        var text = MetricsText()
        text.add(.blocks, by: "reason", [("D201", 3), ("a\"b\\c\nd", 1)])
        text.add(.waiting, 2)
        var histogram = DurationHistogram(bounds: [100_000, 1_000_000_000])
        for duration: Int64 in [100, 101, 5_000_000] { histogram.add(microseconds: duration) }
        text.add(.callDuration, histogram)
        #expect(
            text.text == """
                # HELP sandboxd_blocks_total Blocked messages, by the code of the reason.
                # TYPE sandboxd_blocks_total counter
                sandboxd_blocks_total{reason="D201"} 3
                sandboxd_blocks_total{reason="a\\"b\\\\c\\nd"} 1
                # HELP sandboxd_waiting_calls Calls that wait for a person.
                # TYPE sandboxd_waiting_calls gauge
                sandboxd_waiting_calls 2
                # HELP sandboxd_call_duration_seconds From the decision about a call to its outcome, the server's own time included.
                # TYPE sandboxd_call_duration_seconds histogram
                sandboxd_call_duration_seconds_bucket{le="0.000100"} 1
                sandboxd_call_duration_seconds_bucket{le="1.000000"} 2
                sandboxd_call_duration_seconds_bucket{le="+Inf"} 3
                sandboxd_call_duration_seconds_sum 5.000201
                sandboxd_call_duration_seconds_count 3

                """)
    }

    @Test(
        "durations of any length are exact decimals",
        arguments: [
            (0, "0.000000"), (1, "0.000000001"), (999, "0.000000999"), (1_000, "0.000001"), (1_500, "0.000001500"),
            (1_000_000_000, "1.000000"),
            (61_000_000_007, "61.000000007"),
        ] as [(Int64, String)])
    func seconds(nanoseconds: Int64, text: String) { #expect(MetricsText.seconds(nanoseconds) == text) }

    @Test("the example alerts ask for metrics that there are")
    func alerts() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../systemd/prometheus-alerts.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let names = text.matches(of: /\bsandboxd_[a-z_]+/).map { String($0.output) }
        #expect(names.count > 10)
        let known = Set(
            Metric.allCases.flatMap { metric in
                metric.kind == .histogram ? ["_bucket", "_sum", "_count"].map { metric.rawValue + $0 } : [metric.rawValue]
            })
        for name in names { #expect(known.contains(name), "\(name)") }
    }

    // MARK: The tally

    @Test("what decisions took is counted where receipts say it, and a gate that says nonsense breaks nothing")
    func decisionTimes() {
        var tally = SpoolTally()
        let times: [JSON] = [1_000, 1_001, 2_000_000_000, -5, .number(JSONNumber(Int64.max)), "soon", .null]
        for time in times { tally.take(.decision, ["decision": "forward", "nanoseconds": time], time: 0) }
        tally.take(.decision, ["decision": "block"], time: 0)
        tally.take(.hold, ["decision": "hold", "nanoseconds": 7_000], time: 0)
        tally.take(.hold, ["outcome": "granted", "nanoseconds": 7_000], time: 0)
        #expect(tally.forwarded == 7 && tally.decisions.total == 6)
        #expect(tally.decisions.counts.prefix(4) == [2, 1, 0, 1] && tally.decisions.counts.last == 2)
        tally.take(.outcome, ["microseconds": .number(JSONNumber(Int64.max))], time: 0)
        #expect(tally.calls.counts.last == 1)
        var both = SpoolTally()
        both.add(tally)
        #expect(both.decisions == tally.decisions)
    }

    private static func tally(_ bodies: [(ReceiptKind, JSONObject)]) -> SpoolTally {
        var tally = SpoolTally()
        for (kind, body) in bodies { tally.take(kind, body, time: 5_000_000_000) }
        return tally
    }

    @Test("what receipts state is counted by what was decided, by reason and by what denied")
    func counts() {
        let tally = Self.tally([
            (.decision, ["decision": "forward", "tool": "a"]), (.hold, ["decision": "hold", "tool": "a"]),
            (.hold, ["hold": 2, "outcome": "granted"]), (.decision, ["decision": "block", "reason": "D201", "tool": "b", "rule": "r"]),
            (.decision, ["decision": "block", "reason": "D224", "count": 3, "method": "m"]), (.outcome, ["microseconds": 1_500]),
            (.kernelDenial, ["mechanism": "connect-hooks", "hook": "connect4", "address": "::1", "port": 443, "count": 4]),
            (.kernelDenial, ["lost": 9]), (.kernelDenial, ["mechanism": "landlock", "blockers": ["fs.read_file"], "path": "/x"]),
        ])
        #expect(tally.forwarded == 1 && tally.held == 1 && tally.blocked == 4)
        #expect(tally.blocks == ["D201": 1, "D224": 3] && tally.kernel == ["connect-hooks": 4, "landlock": 1])
        #expect(tally.calls.total == 1 && tally.calls.sum == 1_500_000)
        #expect(tally.denials.map(\.what) == ["b", "m", "connect4 [::1]:443", "fs.read_file /x"])
        #expect(tally.denials.map(\.rule) == ["r", nil, nil, nil] && tally.denials.map(\.isKernels) == [false, false, true, true])
    }

    @Test("a gate that writes names of its own is counted under `other`, and under no more names than there is room for")
    func names() {
        var bodies: [(ReceiptKind, JSONObject)] = []
        for wrong in ["", "D2011", "d201", "D20x", "D201\"", "\u{202e}", "ÄÖÜ1"] {
            bodies.append((.decision, ["decision": "block", "reason": .string(wrong)]))
            bodies.append((.kernelDenial, ["mechanism": .string(wrong.uppercased() + "!")]))
        }
        #expect(Self.tally(bodies).blocks == ["other": 7] && Self.tally(bodies).kernel == ["other": 7])
        let many = (0..<1_000).map { number -> (ReceiptKind, JSONObject) in
            (.decision, ["decision": "block", "reason": .string("D" + String(1_000 + number).suffix(3))])
        }
        let tally = Self.tally(many)
        #expect(tally.blocks.count <= 129 && tally.blocked == 1_000 && tally.blocks.values.reduce(0, +) == 1_000)
        #expect(tally.denials.count == SpoolTally.denialsKept)
        let long = Self.tally([(.decision, ["decision": "block", "tool": .string(String(repeating: "x", count: 10_000))])])
        #expect(long.denials[0].what.unicodeScalars.count == 128)
    }

    @Test("spent budgets are those of today, and begin anew")
    func spent() {
        var spent = SpentToday()
        let budget = DayBudget(caller: 1, owner: .policy("p"), name: "b")
        spent.add(budget, on: Day(number: 5))
        spent.add(budget, on: Day(number: 5))
        #expect(spent.count(on: Day(number: 5)) == 1 && spent.count(on: Day(number: 6)) == 0)
        spent.add(budget, on: Day(number: 6))
        #expect(spent.count(on: Day(number: 6)) == 1)
        spent.forget()
        #expect(spent.count(on: Day(number: 6)) == 0)
    }

    @Test("denials of past sessions are remembered by caller, so many of each, and of so many")
    func past() {
        var past = PastDenials()
        for caller: UInt32 in 0..<300 {
            let denials = (0..<20).map { time in
                DenialSummary(time: Int64(caller) * 100 + time, session: "s", server: "x", by: .gate, what: "t", reason: nil, rule: nil)
            }
            past.add(denials, of: caller)
        }
        #expect(past.of(299).count == PastDenials.perCaller && past.of(0).isEmpty)
        #expect(past.of(299).map(\.time).max() == 29_919)
        #expect(past.of(nil).count <= PastDenials.perCaller * PastDenials.callers)
    }
}
