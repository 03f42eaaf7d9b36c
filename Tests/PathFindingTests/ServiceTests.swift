import Descriptors
import Glibc
import Policy
import StrictJSON
import Testing

@testable import PathFinding

/// Question and answer over a socketpair; the far side is a thread here, a process of the caller's in the daemon.
@Suite("Looking on behalf of somebody")
struct ServiceTests {
    private let scratch = Scratch()

    private struct Answered: ~Copyable {
        var answer: PathAnswer
        var descriptors: DescriptorList
    }

    /// All of an exchange with the real service.
    private func ask(_ question: PathQuestion) throws -> Answered {
        let pair = try SocketPair(.messages)
        let far = pair.second
        let client = try PathFinderClient(pair.first, asking: question)
        // What it sends fits into the socket's buffers, or it waits for the reader below.
        let thread = Thread { try? PathFinderService.exchange(on: far) }
        defer { thread.join() }
        return try Self.collect(client)
    }

    private static func collect(_ client: consuming PathFinderClient) throws -> Answered {
        while true {
            var waiting = pollfd(fd: client.socket.number, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, -1)
            if try client.receive() { break }
        }
        var result: Answered?
        client.finish { answer, descriptors, _ in result = Answered(answer: answer, descriptors: descriptors) }
        return try result.take().orThrow(Errno.badMessage)
    }

    /// What a client makes of an answer and descriptors that some process sent.
    private func judge(_ question: PathQuestion, _ answer: JSON, _ descriptors: [BorrowedDescriptor]) throws -> Errno? {
        let pair = try SocketPair(.messages)
        let client = try PathFinderClient(pair.first, asking: question)
        try PathFinderClient.write(answer, to: pair.second)
        if !descriptors.isEmpty { _ = try pair.second.send([0], descriptors: descriptors, waiting: true) }
        try pair.second.shutdownWriting()
        do {
            _ = try Self.collect(client)
            return nil
        } catch let error as Errno { return error }
    }

    @Test("the answer is what looking here gives, with a descriptor of each inode")
    func roundTrip() throws {
        _ = scratch.link("link", to: "/usr")
        let paths = ["/usr/bin", scratch["link"], scratch["missing"], "/bin/sh"]
        let question = PathQuestion(paths: paths, command: "/bin/sh", executed: [3])
        let answered = try ask(question)
        var descriptors = DescriptorList()
        let own = PathAnswer(question, keeping: &descriptors)
        #expect(answered.answer == own)
        #expect(answered.answer.findings == PathFinder.find(paths.map { request($0) }))
        #expect(answered.answer.chain.map(\.role) == [.command, .loader])
        #expect(answered.answer.executeChain.map(\.role) == [.loader])
        #expect(answered.answer.commandReason == nil)
        #expect(answered.descriptors.count == descriptors.count)
    }

    @Test("more descriptors than one message holds come in several")
    func batches() throws {
        let paths = (0..<150).map { scratch.directory("d\($0)") }
        let answered = try ask(PathQuestion(paths: paths, command: nil))
        #expect(answered.answer.findings.filter(\.isFound).count == 150)
        #expect(answered.descriptors.count == 150)
    }

    @Test("why the command cannot be started is told")
    func reasons() throws {
        let answered = try ask(PathQuestion(paths: [], command: scratch["missing"]))
        #expect(answered.answer.commandReason == Reason(.commandNotFound, ["command": scratch["missing"]]))
        #expect(answered.answer.chain.isEmpty)
    }

    @Test("facts that the descriptors do not show are not believed")
    func unproven() throws {
        let path = scratch.directory("d")
        let question = PathQuestion(paths: [path], command: nil)
        let found = try #require(facts(path))
        let answer = { (facts: PathFacts, count: Int64) -> JSON in
            [
                "findings": [PathFinding.found(facts).json], "chain": [], "executeChain": [], "reason": nil, "protected": [],
                "changeable": [],
                "descriptors": JSON(count), "nameservers": nil,
            ]
        }
        let right = try WorkingDirectory().open(path, [.path])
        let other = try WorkingDirectory().open(scratch.path, [.path])
        let readable = try WorkingDirectory().open(path, [.directory])
        #expect(try judge(question, answer(found, 1), [right.borrowed]) == nil)
        #expect(try judge(question, answer(found, 0), []) == .badMessage)
        #expect(try judge(question, answer(found, 1), [other.borrowed]) == .badMessage)
        #expect(try judge(question, answer(found, 1), [readable.borrowed]) == .badMessage)
        for forge: @Sendable (inout PathFacts) -> Void in [
            { $0.owner = 4_711 }, { $0.resolved = "/usr" }, { $0.mode = 0 }, { $0.filesystem = 1 },
        ] {
            var forged = found
            forge(&forged)
            #expect(try judge(question, answer(forged, 1), [right.borrowed]) == .badMessage)
        }
    }

    @Test(
        "anything else is no answer",
        arguments: [
            [:],
            [
                "findings": [], "chain": [], "executeChain": [], "reason": nil, "protected": [], "changeable": [], "descriptors": 0,
                "nameservers": nil,
            ],
            [
                "findings": ["x"], "chain": [], "executeChain": [], "reason": nil, "protected": [], "changeable": [], "descriptors": 0,
                "nameservers": nil,
            ],
            [
                "findings": [["error": "ENOENT", "component": "/"]], "chain": [], "executeChain": [], "reason": nil, "protected": [],
                "changeable": [],
                "descriptors": 5_000, "nameservers": nil,
            ],
        ] as [JSON])
    func malformed(answer: JSON) throws {
        #expect(try judge(PathQuestion(paths: ["/usr"], command: nil), answer, []) == .badMessage)
    }

    @Test("a question that is none is not served")
    func badQuestion() throws {
        for json: JSON in [nil, [:], ["paths": [1], "command": nil, "executed": [], "written": []], ["paths": []]] {
            let pair = try SocketPair(.messages)
            try PathFinderClient.write(json, to: pair.first)
            #expect(throws: Errno.badMessage) { try PathFinderService.exchange(on: pair.second) }
        }
    }
}

@Suite("As whom a finder looks")
struct FinderIdentityTests {
    @Test("what is told arrives as it was", arguments: [[], [0], [7, 1_000, .max], (0..<256).map { $0 }] as [[UInt32]])
    func roundTrip(groups: [UInt32]) {
        for isChanged in [true, false] {
            let identity = FinderIdentity(uid: 1_000, gid: .max, groups: groups, isChanged: isChanged)
            #expect(FinderIdentity(bytes: identity.bytes) == identity)
        }
    }

    @Test("anything else is nobody")
    func malformed() {
        let good = FinderIdentity(uid: 1, gid: 2, groups: [3], isChanged: true).bytes
        for length in good.indices where length != 16 { #expect(FinderIdentity(bytes: Array(good[..<length])) == nil) }
        #expect(FinderIdentity(bytes: FinderIdentity(uid: 1, gid: 2, groups: (0..<257).map { $0 }, isChanged: true).bytes) == nil)
        for at in [0, 1, 2, 3, 12, 13, 14, 15] {
            var bytes = good
            bytes[at] ^= 0x42
            #expect(FinderIdentity(bytes: bytes) == nil, "byte \(at)")
        }
    }

    @Test("a finder that could not become it says at which step, in place of an answer")
    func failure() throws {
        let pair = try SocketPair(.messages)
        let identity = FinderIdentity(uid: 1, gid: 2, groups: [], isChanged: true)
        var client = try PathFinderClient(pair.first, as: identity, asking: PathQuestion(paths: ["/usr"], command: nil))
        let told = try pair.second.receive(atMost: FinderIdentity.longest).orThrow(Errno.badMessage)
        let bytes = told.bytes
        #expect(bytes == identity.bytes)
        _ = try pair.second.send(FinderIdentity.Failure(step: 21, error: .permission).bytes)
        #expect(throws: Errno.permission) { try client.receive() }
        #expect(client.failedStep == 21)
    }
}

extension Optional where Wrapped: ~Copyable {
    fileprivate consuming func orThrow(_ error: Errno) throws -> Wrapped {
        switch consume self {
        case .some(let value): return value
        case .none: throw error
        }
    }
}

/// pthread_create(3) and pthread_join(3).
struct Thread {
    private final class Body {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }
    private var thread = pthread_t()

    init(_ run: @escaping () -> Void) {
        let body = Unmanaged.passRetained(Body(run))
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        precondition(result == 0)
    }

    func join() { pthread_join(thread, nil) }
}
