import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct ReceiptExplanationTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
        try CommandRun.write("", to: directory.path + "/empty")
    }

    private func explain(_ kind: String, _ body: String) throws -> String {
        let line =
            #"{"body":\#(body),"custody":"daemon","kind":"\#(kind)","number":17,"session":"92d647a652ebfbc7","sessionNumber":3,"time":"t"}"#
        let run = try CommandRun(["explain", "-"], input: line + "\n", in: directory)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        return run.output
    }

    @Test("a call that no rule allows: the smallest rule is by tool, and how to narrow it is said")
    func noRule() throws {
        #expect(
            try explain(
                "decision", #"{"arguments":"hmac-sha256:00","decision":"block","method":"tools/call","reason":"D101","tool":"save_note"}"#)
                    == """
                    receipt 17: decision of session 92d647a652ebfbc7, t

                    the call of `save_note` was blocked (D101): no rule allows it

                    the smallest rule that would allow it:

                      tools:
                        rules:
                          - {tools: ["save_note"], effect: allow}

                    it is by tool: the receipt holds a commitment to the arguments, not the arguments themselves. Where rules of that tool are
                    there, their conditions did not hold; narrow this one with `arguments` or `when`, and try calls with

                      sandboxctl decide POLICY save_note '{…}'

                    """)
    }

    @Test(
        "what else was decided is said, and what would change it",
        arguments: [
            (
                #"{"decision":"block","reason":"D102","rule":"never","tool":"x"}"#, "rule `never` of the policy denies it",
                "narrow rule `never`"
            ),
            (
                #"{"decision":"block","reason":"D101","layer":"site","tool":"x"}"#, "no rule of layer `site` allows it",
                "layers are the administrator's"
            ),
            (
                #"{"decision":"block","reason":"D103","rule":"big","tool":"x"}"#, "asks a person first",
                "give rule `big` of the policy a `when`"
            ),
            (#"{"decision":"block","reason":"D104","tool":"x"}"#, "not read alike", "send the number as a string"),
            (#"{"decision":"block","reason":"D106","rule":"save","tool":"x"}"#, "was spent", "raise its limit"),
            (
                #"{"decision":"block","method":"sampling/createMessage","reason":"D110"}"#, "the policy permits no message of this kind",
                "messages: {sampling: allow}"
            ),
            (
                #"{"decision":"block","layer":"site","method":"resources/read","reason":"D111"}"#, "layer `site` permits others",
                "layers are the administrator's"
            ),
            (
                #"{"decision":"block","method":"prompts/get","prompt":"sum","reason":"D111"}"#, "not this one",
                #"messages: {prompts: ["sum"]}"#
            ),
            (#"{"decision":"block","method":"tasks/list","reason":"D201"}"#, "such messages are denied", "no clause permits it"),
            (#"{"decision":"block","reason":"D203"}"#, "the message was blocked (D203)", "sandboxctl explain D203"),
            (#"{"decision":"forward","rule":"look","tool":"x"}"#, "rule `look` of the policy allows it", "nothing was denied here"),
            (#"{"decision":"hold","rule":"default","tool":"x"}"#, "was held", "the default of the policy asks"),
        ])
    func decisions(body: String, what: String, next: String) throws {
        let text = try explain("decision", body)
        #expect(text.contains(what) && text.contains(next), "\(text)")
        #expect(!text.contains("any]") && !text.contains(": any"))
    }

    @Test(
        "of what the kernel stopped the smallest line is said, where there is one",
        arguments: [
            (#"{"address":"192.0.2.1","mechanism":"connect-hooks","port":443,"transport":"tcp"}"#, "egress: {tcp: [\"192.0.2.1:443\"]}"),
            (#"{"address":"2001:db8::1","mechanism":"send-hooks","port":53,"transport":"udp"}"#, "egress: {udp: [\"[2001:db8::1]:53\"]}"),
            (#"{"address":"::ffff:192.0.2.1","port":443,"transport":"tcp"}"#, "egress: {tcp: [\"192.0.2.1:443\"]}"),
            (#"{"address":"169.254.169.254","port":80,"transport":"tcp"}"#, "link-local addresses and port 0 cannot be named"),
            (#"{"mechanism":"landlock-files"}"#, "does not say enough"),
            (
                #"{"act":"execution","inode":"1:2","mechanism":"execute-hook","path":"/usr/bin/id"}"#,
                "the execution of `/usr/bin/id`, by execute-hook"
            ),
            (#"{"act":"execution","mechanism":"execute-hook","path":"/usr/bin/id"}"#, "files: {execute: [\"/usr/bin/id\"]}"),
            (#"{"act":"execution","mechanism":"execute-hook","path":"./id"}"#, "does not say enough"),
            (#"{"act":"execution","mechanism":"execute-hook","path":"/a…"}"#, "does not say enough"),
            (#"{"address":"0.0.0.0","hook":"connect4","port":80,"transport":"tcp"}"#, "egress: {tcp: [\"127.0.0.1:80\"]}"),
            (#"{"address":"127.0.0.1","hook":"bind4","port":80,"transport":"tcp"}"#, "ingress: {tcp: [\"127.0.0.1:80\"]}"),
            (#"{"address":"::","hook":"bind6","port":80,"transport":"tcp"}"#, "ingress: {tcp: [\"*:80\"]}"),
            (#"{"address":"::","hook":"bind6","port":80,"transport":"udp"}"#, "only TCP may listen"),
            (#"{"address":"192.0.2.1","count":3,"hook":"connect4","port":80,"transport":"tcp"}"#, "a connection to 192.0.2.1:80, 3 times"),
            (#"{"attribution":"inferred","calls":[4],"hook":"connect4"}"#, "inferred (only call in flight): the call with spool number 4"),
            (#"{"attribution":"several","calls":[4,5],"hook":"connect4"}"#, "those with spool numbers 4, 5 of this session"),
            (#"{"attribution":"none","calls":[],"hook":"connect4"}"#, "no call was in flight"),
            (#"{"lost":1}"#, "stopped an act of the server that the ring buffer had no room for"),
            (#"{"count":7,"kinds":3}"#, "7 acts more of the server, of 3 kinds"),
            (#"{"count":2,"unreadable":true}"#, "do not say which"),
            (#"{"count":0,"ring":"unreadable"}"#, "could not be read in this session"),
        ])
    func kernelDenials(body: String, line: String) throws {
        #expect(try explain("kernel-denial", body).contains(line))
    }

    @Test(
        "what Landlock stopped is said as the audit log told it, and the smallest line for it",
        arguments: [
            (
                #"{"blockers":["fs.read_file"],"path":"/etc/shadow"}"#, "the reading of `/etc/shadow` (fs.read_file)",
                #"files: {read: ["/etc/shadow"]}"#
            ),
            (#"{"blockers":["fs.read_dir"],"path":"/srv"}"#, "the listing of `/srv`", #"files: {read: ["/srv"]}"#),
            (
                #"{"blockers":["fs.write_file","fs.read_file"],"count":2,"path":"/a"}"#, "(fs.write_file, fs.read_file), 2 times",
                #"files: {write: ["/a"]}"#
            ),
            (#"{"blockers":["fs.make_reg"],"path":"/tmp"}"#, "something from being made in `/tmp`", #"files: {write: ["/tmp"]}"#),
            (#"{"blockers":["fs.make_fifo"],"path":"/tmp"}"#, "made in `/tmp`", "does not say enough"),
            (
                #"{"blockers":["fs.execute","fs.read_file"],"path":"/bin/true"}"#, "the execution of `/bin/true`",
                #"files: {execute: ["/bin/true"]}"#
            ),
            (#"{"blockers":["fs.resolve_unix"],"path":"/run/s"}"#, "the socket `/run/s`", #"egress: {unix: ["/run/s"]}"#),
            (#"{"blockers":["fs.read_file"],"pathTooLong":true}"#, "too long to be told", "does not say enough"),
            (#"{"blockers":["fs.read_file"],"pathBytes":"2fff"}"#, "hexadecimal digits 2fff", "does not say enough"),
            (
                #"{"address":"192.0.2.1","blockers":["net.connect_tcp"],"port":25,"transport":"tcp"}"#, "a connection to 192.0.2.1:25",
                #"egress: {tcp: ["*:25"]}"#
            ),
            (#"{"blockers":["net.connect_tcp"],"port":25,"transport":"tcp"}"#, "port 25 of the unspecified address", "*:25"),
            (#"{"blockers":["scope.signal"]}"#, "an act of the server (scope.signal)", "does not say enough"),
            (#"{"lost":3}"#, "3 acts of the server that no record came of", "more is not known"),
            (#"{"count":9,"others":true}"#, "9 acts more of the server", "it is the session's"),
        ])
    func landlock(body: String, what: String, next: String) throws {
        let text = try explain("kernel-denial", String(body.dropLast()) + #","attribution":"absent","mechanism":"landlock"}"#)
        #expect(text.contains(what) && text.contains(next), "\(text)")
        #expect(!text.contains("no call was in flight"))
    }

    @Test("denials that were not counted are said to be")
    func uncounted() throws {
        let text = try explain("lifecycle", #"{"error":"records were lost","event":"denials-uncounted","mechanism":"landlock"}"#)
        #expect(text.contains("what Landlock stopped in this session is not told, or not all of it: records were lost"))
    }

    @Test("a refusal is told with its reasons, a failed launch with its step")
    func refusals() throws {
        let refusal = try explain(
            "refusal", #"{"reasons":[{"code":"R403","column":1,"facts":{"command":"x"},"file":"p.yaml","line":2}],"server":"s"}"#)
        #expect(refusal.contains("p.yaml:2:1: refused[R403]: command `x` is not found"))
        let launch = try explain("launch", #"{"detail":"the gate ended","error":"","outcome":"failed","step":"gate-ready"}"#)
        #expect(launch.contains("the step `gate-ready` failed, the gate ended"))
        let violation = try explain(
            "lifecycle",
            #"{"counted":5,"event":"violation","fault":"untold-denials","hidden":3,"invented":0,"lost":1,"peer":"gate","told":1,"waiting":0}"#
        )
        #expect(violation.contains("3 were kept from the log"))
        #expect(try explain("exit", "{}").contains("nothing was denied here"))
    }

    @Test("names in a receipt cannot steer the reader's terminal, nor leave the quotes of a rule")
    func hostile() throws {
        let text = try explain("decision", #"{"decision":"block","reason":"D101","tool":"a\"], effect: allow\u001b[2J"}"#)
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains(#"tools: ["a\"], effect: allow\u{1b}[2J"]"#))
    }

    @Test(
        "what is asked about is told by its form",
        arguments: [
            ("R203", .code("R203")), ("D101", .code("D101")), ("R9999", .policy("R9999")), ("r203", .policy("r203")),
            ("17", .receipt(number: 17)),
            ("./17", .policy("./17")), ("92d647a652ebfbc7:3", .receiptOfSession("92d647a652ebfbc7", number: 3)),
            ("92d647a652ebfbc7", .policy("92d647a652ebfbc7")), ("-", .receiptText(file: nil)), ("@r.json", .receiptText(file: "r.json")),
            ("notes", .policy("notes")), ("./R203.yaml", .policy("./R203.yaml")), ("99999999999999999999", .policy("99999999999999999999")),
        ] as [(String, ExplainSubject)])
    func subjects(argument: String, subject: ExplainSubject) { #expect(ExplainSubject(argument) == subject) }

    @Test("a receipt is found in a log by its number, and by its session's; what is not there is said")
    func logs() throws {
        let log = directory.path
        #expect(try CommandRun(["explain", "1", "--log", log], in: directory).status == 5)
        #expect(try CommandRun(["explain", "@\(log)/none"], in: directory).status == 2)
        #expect(try CommandRun(["explain", "@\(log)/empty"], in: directory).status == 2)
        #expect(try CommandRun(["explain", "-"], input: "[]\n", in: directory).errors.contains("this is not a receipt"))
        try CommandRun.write(#"{"body":{"decision":"forward","rule":"look","tool":"x"},"kind":"decision","number":4}"#, to: log + "/r.json")
        #expect(try CommandRun(["explain", "@\(log)/r.json"], in: directory).output.contains("rule `look` of the policy allows it"))
        #expect(try CommandRun(["explain", "@\(log)/r.json", "--json"], in: directory).status == 2)
    }
}
