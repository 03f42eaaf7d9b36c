import Descriptors
import EventLoop
import Foundation
import Testing

@testable import Daemon

@Suite struct ServiceManagerTests {
    @Test(
        "what a service manager says in the environment is for this process, or for nobody",
        arguments: [
            ([:], nil, nil, nil), (["NOTIFY_SOCKET": "@x"], "@x", nil, nil), (["NOTIFY_SOCKET": ""], nil, nil, nil),
            (["WATCHDOG_USEC": "2000", "WATCHDOG_PID": "7"], nil, 2_000_000, nil), (["WATCHDOG_USEC": "2000"], nil, 2_000_000, nil),
            (["WATCHDOG_USEC": "2000", "WATCHDOG_PID": "8"], nil, nil, nil), (["WATCHDOG_USEC": "0"], nil, nil, nil),
            (["WATCHDOG_USEC": "18446744073709551615"], nil, nil, nil), (["WATCHDOG_USEC": "-1"], nil, nil, nil),
            (["LISTEN_FDS": "1", "LISTEN_PID": "7"], nil, nil, .init(count: "1", names: nil)),
            (["LISTEN_FDS": "2", "LISTEN_PID": "7", "LISTEN_FDNAMES": "a:b"], nil, nil, .init(count: "2", names: "a:b")),
            (["LISTEN_FDS": "1", "LISTEN_PID": "8"], nil, nil, nil), (["LISTEN_FDS": "1"], nil, nil, nil),
        ] as [([String: String], String?, UInt64?, ServiceEnvironment.Passed?)])
    func reads(_ variables: [String: String], _ socket: String?, _ watchdog: UInt64?, _ passed: ServiceEnvironment.Passed?) {
        let environment = ServiceEnvironment(variables, process: 7)
        #expect(environment.notifySocket == socket && environment.watchdog == watchdog && environment.passed == passed)
    }

    /// Takes what is sent, or nothing while it is full.
    final class Manager {
        var isFull = false
        var heard: [String] = []

        func take(_ bytes: [UInt8]) -> Bool {
            if !isFull { heard.append(String(decoding: bytes, as: UTF8.self)) }
            return !isFull
        }
    }

    @Test("what the manager does not take is said again, the newest of each kind, in one message")
    func saysAgain() throws {
        let loop = try EventLoop(), manager = Manager()
        let told = try #require(ServiceManager(ServiceEnvironment(["NOTIFY_SOCKET": "/x"], process: 1), in: loop) { manager.take($1) })
        told.tell(.ready)
        manager.isFull = true
        told.tell(.status("1 session"))
        told.tell(.status("2 sessions\nREADY=0"))
        told.tell(.stopping)
        #expect(manager.heard == ["READY=1\n"])
        manager.isFull = false
        while manager.heard.count < 2 { try loop.turn(waiting: true) }
        #expect(manager.heard[1] == "STATUS=2 sessions READY=0\nSTOPPING=1\n")
    }

    @Test("the loop says by itself that it turns, and only where that is wanted")
    func alive() throws {
        let loop = try EventLoop(), manager = Manager()
        let variables = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "20000"]
        let told = try #require(ServiceManager(ServiceEnvironment(variables, process: 1), in: loop) { manager.take($1) })
        while manager.heard.count < 3 { try loop.turn(waiting: true) }
        #expect(Set(manager.heard) == ["WATCHDOG=1\n"])
        withExtendedLifetime(told) {}
        #expect(ServiceManager(ServiceEnvironment(["WATCHDOG_USEC": "20000"], process: 1), in: loop) == nil)
    }

    @Test("messages arrive at a path and at an abstract address")
    func arrives() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sbx-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(!ServiceManager.post(to: directory + "/none", [1]))
        for address in [directory + "/socket", "@" + directory] {
            let receiver = try UnixSocket.bound(at: address)
            #expect(ServiceManager.post(to: address, Array("READY=1\n".utf8)))
            #expect(try receiver.receive(atMost: 64)?.bytes == Array("READY=1\n".utf8))
        }
    }
}

extension UnixSocket {
    /// A datagram socket at a path, or at an abstract address behind `@`.
    fileprivate static func bound(at name: String) throws -> OwnedDescriptor {
        let owned = OwnedDescriptor(owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        let number = owned.number
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(length)) }
        }
        try #require(result == 0)
        return owned
    }
}
