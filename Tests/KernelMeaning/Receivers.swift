import CStage
import Foundation
import Policy

/// A test's own world could not be set up; nothing is said about the kernel.
struct Unmet: Error, CustomStringConvertible {
    let description: String
}

/// The result of a shim that is 0 or more, or -errno.
@discardableResult
func require(_ result: Int32, _ what: String) throws -> Int32 {
    guard result >= 0 else { throw Unmet(description: "\(what): errno \(-result)") }
    return result
}

/// Sockets of ours on every port that was asked for, at every address: what arrives is what got out.
final class Receivers {
    private var listeners: [UInt16: LocalReceiver] = [:]
    private var datagrams: [UInt16: LocalReceiver] = [:]
    /// UDP-Lite.
    private var liteDatagrams: [UInt16: LocalReceiver] = [:]

    func open(_ port: UInt16) throws {
        guard listeners[port] == nil else { return }
        listeners[port] = try LocalReceiver(cs_listen(port), isListener: true)
        datagrams[port] = try LocalReceiver(cs_receive_datagrams(port, 0), isListener: false)
        let lite = cs_receive_datagrams(port, 1)
        // Where the kernel has no UDP-Lite, nobody can send it either.
        if lite != -EPROTONOSUPPORT { liteDatagrams[port] = try LocalReceiver(lite, isListener: false) }
    }

    /// All that has come since, by its text.
    func take() throws -> [String: IPAddress] {
        try [listeners, datagrams, liteDatagrams].flatMap(\.values).reduce(into: [:]) { all, receiver in
            all.merge(try receiver.take()) { first, _ in first }
        }
    }
}

/// One socket of ours.
final class LocalReceiver {
    private let socket: Int32
    private let isListener: Bool

    init(_ socket: Int32, isListener: Bool) throws {
        self.socket = try require(socket, "a receiver's socket")
        self.isListener = isListener
    }

    deinit { close(socket) }

    /// A name that was ours before stays in use as long as a child that some other test has just cloned, and that has not executed yet,
    /// holds a copy of our descriptor.
    static func patiently(isListener: Bool, _ make: () -> Int32) throws -> LocalReceiver {
        var made = make()
        for _ in 0..<2_000 where made == -EADDRINUSE {
            usleep(1_000)
            made = make()
        }
        return try LocalReceiver(made, isListener: isListener)
    }

    func take() throws -> [String: IPAddress] {
        var seen: [String: IPAddress] = [:]
        var arrival = cs_arrival()
        while try require(cs_take(socket, isListener ? 1 : 0, &arrival), "cs_take") == 1 {
            let bytes = withUnsafeBytes(of: arrival.address) { Array($0) }
            let text = withUnsafeBytes(of: arrival.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            seen[text] = IPAddress.v6(high: Self.number(bytes[..<8]), low: Self.number(bytes[8...])).unmapped
        }
        return seen
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
