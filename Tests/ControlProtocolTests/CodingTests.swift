import CLaunch
import Descriptors
import KernelPlan
import Policy
import StrictJSON
import Testing

@testable import ControlProtocol

/// Members of what has one owner cannot be named inside `#expect`.
private func expectSame<Value: Equatable>(_ left: Value, _ right: Value) { #expect(left == right) }

@Suite struct CodingTests {
    static func request() throws -> WrapRequest {
        let pipe = try Pipe()
        return WrapRequest(
            policy: NamedText(name: "notes.yaml", bytes: Array("sandboxd: 1\n".utf8), path: "/p/notes.yaml"),
            includes: [NamedText(name: "runtime-python", bytes: [])],
            inputs: ["project": "/home/x"], name: "n", argv: [Array("python3".utf8), [], [0xff, 0xfe]], path: "/usr/bin/python3",
            environment: [Array("A=b".utf8)], credentials: [Array("K=v".utf8)], cwd: try WorkingDirectory().open("/", [.path, .directory]),
            cwdPath: "/",
            stdin: try pipe.reader.duplicate(), stdout: try pipe.writer.duplicate(), stderr: try pipe.writer.duplicate(), user: nil,
            quiet: true, proves: true, serves: true, observes: true)
    }

    private static func decode(_ parameters: JSONObject, _ descriptors: consuming DescriptorList) throws(ControlError) -> WrapRequest {
        try WrapRequest(ControlCall(method: "io.sandboxd.Wrap", parameters: parameters, descriptors: descriptors))
    }

    private static func refusal(of parameters: JSONObject, _ descriptors: consuming DescriptorList) -> ControlError? {
        do {
            _ = try decode(parameters, descriptors).quiet
            return nil
        } catch {
            return error
        }
    }

    @Test("sessions are read as they were written; of more than a message takes the rest is counted, and what is none is no answer")
    func sessions() throws {
        let client = ApprovalSummary.Client(pid: 7, executable: "/usr/bin/python3")
        let all = SessionSummary.State.allCases.map {
            SessionSummary(
                id: "a1", server: "notes", caller: 1_000, client: $0 == .ending ? nil : client, state: $0, since: 5,
                decisions: DecisionCounts(forward: 3, hold: 1, block: 2), waiting: 1, denials: 4)
        }
        let list = SessionList(all, custody: .user, process: 9)
        let read = try SessionList(list.encode())
        #expect(read == list && list.sessions == all && list.omitted == 0)
        let long = SessionSummary(
            id: "a1", server: String(repeating: "x", count: 100_000), caller: 0, client: nil, state: .running, since: 0)
        let cut = SessionList(Array(repeating: long, count: 100), custody: .daemon, process: 9)
        #expect(cut.omitted > 0 && cut.sessions.count + cut.omitted == 100)
        let size = cut.encode().parameters.members.map(\.value).map { $0.encoded().count }.reduce(0, +)
        #expect(size < ControlLimits.messageBytes)
        for wrong: JSONObject in [
            [:], ["sessions": [], "omitted": 0, "custody": "nobody", "process": 1],
            ["sessions": [["id": "x"]], "omitted": 0, "custody": "user", "process": 1], ["sessions": [], "omitted": 0, "custody": "user"],
        ] {
            #expect(throws: ControlCallFailure.self) { _ = try SessionList(ControlMessage(wrong)) }
        }
    }

    @Test("a request to wrap is read as it was written")
    func requestRoundTrip() throws {
        let message = try Self.request().encode()
        let read = try Self.decode(message.parameters, message.descriptors)
        let sent = try Self.request()
        expectSame(read.policy, sent.policy)
        expectSame(read.includes, sent.includes)
        expectSame(read.inputs, sent.inputs)
        expectSame(read.name, sent.name)
        expectSame(read.argv, sent.argv)
        expectSame(read.path, sent.path)
        expectSame(read.environment, sent.environment)
        expectSame(read.credentials, sent.credentials)
        expectSame(read.cwdPath, sent.cwdPath)
        expectSame(read.user, nil)
        let isQuiet = read.quiet
        #expect(isQuiet)
        expectSame(read.proves, true)
        expectSame(read.serves, true)
        expectSame(read.observes, true)
        let cwd = try read.cwd.status()
        #expect(cwd.isDirectory)
    }

    @Test(
        "a parameter that is missing, of another type, unknown, or names a descriptor that is not there is refused by name",
        arguments: [
            ("policy", nil, "policy"), ("includes", "x", "includes"), ("inputs", ["a": 1], "inputs"), ("argv", 99, "argv"),
            ("argv", -1, "argv"),
            ("path", "relative", "path"), ("path", "a\u{0}b", "path"), ("quiet", "yes", "quiet"), ("proves", nil, "proves"),
            ("proves", 1, "proves"), ("serves", nil, "serves"), ("serves", "root", "serves"), ("observes", nil, "observes"),
            ("credentials", nil, "credentials"),
            ("stdin", 0, "stdin"),
            ("later", 1, "later"),
            ("cwdPath", nil, "cwdPath"), ("stderr", nil, "stderr"), ("policy", ["name": "x", "descriptor": 0, "more": 1], "policy"),
            ("policy", ["name": "x", "path": "relative", "descriptor": 0], "policy"), ("includes", [["name": "x"]], "includes"),
        ] as [(String, JSON?, String)])
    func refusesParameters(name: String, value: JSON?, blamed: String) throws {
        let message = try Self.request().encode()
        var parameters = message.parameters
        parameters[name] = value
        #expect(Self.refusal(of: parameters, message.descriptors) == .invalidParameter(blamed))
    }

    @Test("a descriptor that nothing names is refused")
    func refusesUnnamedDescriptors() throws {
        var message = try Self.request().encode()
        message.descriptors.append(try WorkingDirectory().open("/dev/null"))
        #expect(Self.refusal(of: message.parameters, message.descriptors) == .invalidParameter("descriptors"))
    }

    @Test("a text that is not sealed is refused: it could change while it is read")
    func refusesUnsealedTexts() throws {
        let message = try Self.request().encode()
        var parameters = message.parameters
        var descriptors = message.descriptors
        descriptors.append(try WorkingDirectory().open("/dev/null"))
        parameters["argv"] = JSON(descriptors.count - 1)
        #expect(Self.refusal(of: parameters, descriptors) == .invalidParameter("argv"))
    }

    private static let location = SourceLocation(file: "a.yaml", line: 3, column: 7, length: 4)

    @Test("every reason survives the wire", arguments: ReasonCode.allCases)
    func reasonRoundTrip(code: ReasonCode) {
        for location in [Self.location, nil] {
            let reason = Reason(code, at: location, ["path": "/x", "link": "\u{212A}\u{7}"])
            #expect(Reason(json: reason.json) == reason)
        }
    }

    @Test(
        "every error survives the wire",
        arguments: [
            .refused(Refusal(Reason(.unknownKey, at: location, ["key": "path"]), [Reason(.needsDaemon)])),
            .launchFailed(LaunchFault(step: "execve", error: "ENOENT", detail: "/x", status: 127)), .notPermitted(problem: "in-session"),
            .refused(Refusal(Reason(.needsDaemon)), entry: "0123456789abcdef"), .noSuchRefusal("0123456789abcdef"),
            .invalidParameter("argv"), .interfaceNotFound("a.b"), .methodNotFound("io.sandboxd.X"),
            .methodNotImplemented("io.sandboxd.Wrap"), .noSuchSession("a1"), .expectedMore,
        ] as [ControlError])
    func errorRoundTrip(error: ControlError) throws {
        let message = error.message
        let read = ControlError(name: try #require(message["error"]?.string), parameters: try #require(message["parameters"]?.object))
        #expect(read == error)
    }

    @Test("a question about a policy is read as it was written, and nothing else is one")
    func checkRoundTrip() throws {
        let sent = CheckRequest(
            policy: NamedText(name: "notes.yaml", bytes: Array("sandboxd: 1\n".utf8), path: "/p/notes.yaml"),
            includes: [NamedText(name: "runtime-python", bytes: [])], inputs: ["project": "/home/x"], path: nil, cwdPath: "/p",
            home: "/home/x",
            runtime: nil, user: "ann")
        let message = try sent.encode()
        let isRead = Self.isRead(message.parameters, message.descriptors, as: sent)
        #expect(isRead)
        for (member, value) in [
            ("path", "bin/x"), ("cwdPath", "p"), ("extra", "x"), ("policy", "x"), ("home", 7), ("path", ""), ("user", 7),
        ]
            as [(String, JSON)]
        {
            let message = try sent.encode()
            var parameters = message.parameters
            parameters[member] = value
            let isRead = Self.isRead(parameters, message.descriptors, as: nil)
            #expect(!isRead, "\(member)")
        }
        for reply in [
            CheckReply(isExact: true), CheckReply(isExact: false, codes: ["R201"], entry: "a"), CheckReply(isExact: false, unrecorded: "x"),
        ] {
            let read = try CheckReply(reply.encode())
            #expect(read == reply)
        }
    }

    /// Whether it is a request, and that one where one is given.
    private static func isRead(_ parameters: JSONObject, _ descriptors: consuming DescriptorList, as sent: CheckRequest?) -> Bool {
        guard let read = try? CheckRequest(ControlCall(method: "io.sandboxd.Check", parameters: parameters, descriptors: descriptors))
        else { return false }
        return sent == nil || read == sent
    }

    @Test("an entry of the refusals ledger is read as it was written; of more than a message takes the rest is counted")
    func refusalRoundTrip() throws {
        let reason = Reason(.unknownKey, at: Self.location, ["key": "path"])
        let receipt = RefusalDetails.Receipt(log: "/evidence", number: 7)
        let finding = RefusalDetails.Finding(
            subject: "aa", isExpanded: true, host: "bb", reasons: [reason], leftOut: 0, layers: ["/etc/l.yaml": "cc"], stage: .check,
            times: 2,
            firstSeen: 1, lastSeen: 2, firstReceipt: receipt, lastReceipt: nil)
        let details = RefusalDetails(
            summary: RefusalSummary(
                id: "a1", caller: 1_000, policy: "notes", hostname: "h1", state: .closed, codes: ["R107"], times: 3, firstSeen: 1,
                lastSeen: 2),
            findings: [finding],
            events: RefusalDetails.Event.Kind.allCases.map {
                RefusalDetails.Event(kind: $0, time: 1, author: $0 == .noted ? 0 : nil, words: "w")
            },
            documents: [
                RefusalDetails.Document(name: "notes.yaml", size: 3, bytes: [0xff, 0, 10]),
                RefusalDetails.Document(name: "x", size: 9, bytes: nil),
            ], host: ["kernel": "6.1"])
        let whole = try RefusalDetails(details.encode())
        #expect(whole == details)
        var many = details
        let long = Reason(.unknownKey, at: nil, ["key": String(repeating: "x", count: 60_000)])
        for _ in 0..<15 {
            var more = finding
            more.reasons = [long]
            many.findings.append(more)
        }
        let cut = try many.encode()
        let size = cut.parameters.members.map { $0.value.encoded().count }.reduce(0, +)
        #expect(size < ControlLimits.messageBytes)
        let read = try RefusalDetails(cut)
        #expect(read.findings.map { $0.reasons.count + Int($0.leftOut) } == Array(repeating: 1, count: 16))
        #expect(read.findings[0] == finding && read.findings[15].leftOut == 1)
    }

    @Test("the interface's text names every method and every error of ours")
    func descriptionIsWhole() {
        let text = ControlInterface.description
        for method in ControlInterface.Method.allCases {
            #expect(text.contains("method " + method.rawValue.dropFirst("io.sandboxd.".count)))
        }
        for error in ControlInterface.ErrorName.allCases where error.rawValue.hasPrefix("io.sandboxd.") {
            #expect(text.contains("error " + error.rawValue.dropFirst("io.sandboxd.".count)))
        }
    }

    @Test("the keeper's ending is read as it is laid out, and nothing else is")
    func endingIsRead() {
        var raw = cl_ending()
        raw.version = CL_VERSION
        raw.first = CL_ROLE_SERVER
        raw.server = cl_exit(started: 1, code: 2, status: 9)
        raw.gate = cl_exit(started: 1, code: 1, status: 0)
        let bytes = withUnsafeBytes(of: &raw) { Array($0) }
        #expect(SessionEnding(bytes: bytes) == SessionEnding(first: .server, gate: .exited(0), server: .killed(signal: 9)))
        #expect(SessionEnding(bytes: bytes)?.server.shellStatus == 137)
        #expect(SessionEnding(bytes: Array(bytes.dropLast())) == nil)
        #expect(SessionEnding(bytes: [UInt8](repeating: 0, count: SessionEnding.size)) == nil)
    }
}
