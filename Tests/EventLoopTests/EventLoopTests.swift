import Descriptors
import EventLoop
import Glibc
import Testing

@Suite struct EventLoopTests {
    @Test("a handler hears of what arrives until it is removed")
    func reads() throws {
        let loop = try EventLoop()
        let pipe = try Pipe()
        let reader = pipe.reader.borrowed
        var received: [UInt8] = []
        try loop.register(reader.number, for: .readable) { readiness in
            #expect(readiness == .readable)
            _ = try? reader.read(appendingTo: &received, atMost: 16)
            loop.stop()
        }
        try pipe.writer.writeWhole("ab")
        try loop.run()
        #expect(received == Array("ab".utf8))
    }

    @Test("without interest there is silence, even when the peer hung up; with it again the end is told")
    func silence() throws {
        let loop = try EventLoop()
        let pipe = try Pipe()
        var calls = 0
        let registration = try loop.register(pipe.reader.number, for: .readable) { _ in calls += 1 }
        loop.change(registration, to: [])
        let reader = pipe.reader
        _ = consume pipe.writer
        try loop.turn(waiting: false)
        #expect(calls == 0)
        loop.change(registration, to: .readable)
        try loop.turn(waiting: false)
        #expect(calls == 1)
        loop.remove(registration)
        try loop.turn(waiting: false)
        #expect(calls == 1)
        _ = reader
    }

    @Test("what a handler removes is not called in the same turn, even when its descriptor number and slot are used again")
    func removalWithinTurn() throws {
        let loop = try EventLoop()
        let first = try Pipe()
        let second = try Pipe()
        try first.writer.writeWhole("x")
        try second.writer.writeWhole("x")
        var registrations: [Registration] = []
        var calls: [String] = []
        func other(_ own: Int) { if registrations.count == 2 { loop.remove(registrations[1 - own]) } }
        func replace(_ own: Int, _ descriptor: Int32) throws {
            other(own)
            try loop.register(descriptor, for: .readable) { _ in calls.append("new") }
        }
        let numbers = [first.reader.number, second.reader.number]
        for own in 0...1 {
            registrations.append(
                try loop.register(numbers[own], for: .readable) { _ in
                    calls.append("old")
                    try? replace(own, numbers[1 - own])
                })
        }
        try loop.turn(waiting: false)
        #expect(calls == ["old"])
    }

    @Test("a handler may remove itself")
    func removesItself() throws {
        let loop = try EventLoop()
        let pipe = try Pipe()
        try pipe.writer.writeWhole("x")
        var calls = 0
        var own: Registration?
        own = try loop.register(pipe.reader.number, for: .readable) { _ in
            calls += 1
            if let own { loop.remove(own) }
        }
        try loop.turn(waiting: false)
        try loop.turn(waiting: false)
        #expect(calls == 1)
    }

    @Test("what epoll refuses counts as always ready", arguments: ["/dev/null", "/etc/passwd"])
    func alwaysReady(path: String) throws {
        let loop = try EventLoop()
        let file = try WorkingDirectory().open(path)
        var seen: [Readiness] = []
        let registration = try loop.register(file.number, for: .readable) { seen.append($0) }
        try loop.turn(waiting: true)
        try loop.turn(waiting: true)
        loop.change(registration, to: [])
        try loop.turn(waiting: false)
        loop.change(registration, to: [.readable, .writable])
        try loop.turn(waiting: true)
        loop.remove(registration)
        try loop.turn(waiting: false)
        #expect(seen == [.readable, .readable, [.readable, .writable]])
    }

    @Test("one descriptor has one registration")
    func twice() throws {
        let loop = try EventLoop()
        let pipe = try Pipe()
        try loop.register(pipe.reader.number, for: .readable) { _ in }
        #expect(throws: Errno.exists) { try loop.register(pipe.reader.number, for: .readable) { _ in } }
    }

    @Test("what is put at the end of the turn runs after every handler of that turn")
    func endOfTurn() throws {
        let loop = try EventLoop()
        let first = try Pipe()
        let second = try Pipe()
        try first.writer.writeWhole("x")
        try second.writer.writeWhole("x")
        var order: [String] = []
        for number in [first.reader.number, second.reader.number] {
            try loop.register(number, for: .readable) { _ in
                order.append("handler")
                loop.atEndOfTurn { order.append("end") }
            }
        }
        try loop.turn(waiting: false)
        #expect(order == ["handler", "handler", "end", "end"])
    }

    @Test("a signal is told, with its sender")
    func signals() throws {
        let loop = try EventLoop()
        var notices: [SignalNotice] = []
        try loop.handleSignals([SIGUSR2]) { notice in
            notices.append(notice)
            loop.stop()
        }
        pthread_kill(pthread_self(), SIGUSR2)
        try loop.run()
        #expect(notices.map(\.signal) == [SIGUSR2])
        #expect(notices.first?.process == getpid())
    }
}
