import CLinux
import Descriptors
import Glibc
import Policy

/// Hears what an observed server asks of the kernel, and lets every call of it go on. It observes and decides nothing: what is read of a process's memory here
/// can be another thing when the kernel reads it.
final class KernelWatch {
    private let listener: OwnedDescriptor
    private let conversation: ConversationWatch
    /// Datagram sockets by process and number, as far as they were seen to be connected.
    private var peers = BoundedMemory<Socket, Endpoint>(capacity: 4_096)

    private struct Socket: Hashable {
        let thread: Int32
        let descriptor: Int32
    }

    private struct Endpoint {
        let address: IPAddress
        let port: UInt16
    }

    init(_ listener: consuming OwnedDescriptor, _ conversation: ConversationWatch) {
        self.listener = listener
        self.conversation = conversation
    }

    var number: Int32 { listener.number }

    /// The next call. What was read counts only where whoever made it still waits: else it may be another's memory.
    func hear() {
        var told = clx_told()
        guard clx_told_receive(number, &told) == 0 else { return }
        let found = acts(told)
        let isStillIt = clx_told_is_waiting(number, told.id) == 0
        _ = clx_told_continue(number, told.id)
        guard isStillIt else { return }
        guard let found else { return conversation.seeUnreadable() }
        for act in found { conversation.see(act) }
    }

    /// nil where it cannot be read.
    private func acts(_ told: clx_told) -> [PolicyAct]? {
        switch told.kind {
        case CLX_TOLD_OPEN: return path(told.thread, told.directory, told.path).map { opened($0, told.flags) }
        case CLX_TOLD_EXECUTE:
            let file = told.path == 0 ? nil : path(told.thread, told.directory, told.path)
            return file.map { isThere($0) ? [.file(.execute, path: PresentPath.resolved($0))] : [] }
        case CLX_TOLD_CREATE: return path(told.thread, told.directory, told.path).map { changed(.create, $0) }
        case CLX_TOLD_REMOVE: return path(told.thread, told.directory, told.path).map { changed(.remove, $0) }
        case CLX_TOLD_MOVE:
            guard let from = path(told.thread, told.directory, told.path), let to = path(told.thread, told.other_directory, told.other_path)
            else { return nil }
            return isThere(from) ? changed(.remove, from) + changed(.create, to) : []
        case CLX_TOLD_WRITE:
            return path(told.thread, told.directory, told.path).map { isThere($0) ? [.file(.write, path: PresentPath.resolved($0))] : [] }
        case CLX_TOLD_METADATA:
            let file = told.path == 0 ? link(told.thread, "fd/\(told.directory)") : path(told.thread, told.directory, told.path)
            return file.map { $0.hasPrefix("/") && isThere($0) ? [.file(.chmod, path: PresentPath.resolved($0))] : [] }
        case CLX_TOLD_PROCESS: return [.spawn]
        case CLX_TOLD_CONNECT: return connected(told)
        case CLX_TOLD_BIND: return bound(told)
        case CLX_TOLD_SEND: return sent(told)
        case CLX_TOLD_SEND_MANY: return sentMany(told)
        default: return []
        }
    }

    // MARK: Files

    private func opened(_ path: String, _ flags: UInt64) -> [PolicyAct] {
        let flags = Int32(truncatingIfNeeded: flags)
        guard flags & Self.pathOnly == 0 else { return [] }
        if path == "/proc" || path.hasPrefix("/proc/") { return [.file(.read, path: path)] }
        var status = stat()
        guard stat(path, &status) == 0 else { return flags & O_CREAT == 0 ? [] : changed(.create, path) }
        let resolved = PresentPath.resolved(path)
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if isDirectory, flags & Self.temporary == Self.temporary { return [.file(.create, path: resolved + "/x")] }
        guard flags & O_ACCMODE == O_RDONLY else { return [.file(.write, path: resolved)] }
        return isReadable(path, status) ? [.file(isDirectory ? .list : .read, path: resolved)] : []
    }

    /// O_PATH and O_TMPFILE, which are macros of more than a number.
    private static let pathOnly: Int32 = 0o10_000_000
    private static let temporary: Int32 = 0o20_200_000

    /// What ordinary permissions deny is no loss. Who is root here is somebody else there.
    private func isReadable(_ path: String, _ status: stat) -> Bool {
        geteuid() == 0 ? status.st_mode & 0o004 != 0 : access(path, R_OK) == 0
    }

    /// Where the directory is not there, nothing is changed.
    private func changed(_ verb: PolicyAct.FileVerb, _ path: String) -> [PolicyAct] {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let directory = PathGeneralisation.directory(of: trimmed)
        guard isThere(directory), verb == .create || isThere(trimmed) else { return [] }
        let last = trimmed.dropFirst(directory == "/" ? 1 : directory.count + 1)
        let resolved = PresentPath.resolved(directory)
        return [.file(verb, path: (resolved == "/" ? "" : resolved) + "/" + last)]
    }

    private func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Absolute, as the process means it; nil where it cannot be read, or is no text.
    private func path(_ thread: Int32, _ directory: Int32, _ address: UInt64) -> String? {
        guard let bytes = memory(thread, address, Int(PATH_MAX)), let end = bytes.firstIndex(of: 0),
            let text = String(validating: bytes[..<end], as: UTF8.self)
        else { return nil }
        if text.hasPrefix("/") { return text }
        guard let base = link(thread, directory == AT_FDCWD ? "cwd" : "fd/\(directory)"), base.hasPrefix("/") else { return nil }
        return text.isEmpty ? base : (base == "/" ? "" : base) + "/" + text
    }

    private func link(_ thread: Int32, _ name: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBufferPointer { room in
            room.withMemoryRebound(to: CChar.self) { readlink("/proc/\(thread)/\(name)", $0.baseAddress!, $0.count) }
        }
        return count < 0 ? nil : String(validating: bytes[..<count], as: UTF8.self)
    }

    private func memory(_ thread: Int32, _ address: UInt64, _ count: Int) -> [UInt8]? {
        guard address != 0, count > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = clx_memory_read(thread, address, &bytes, count)
        return read < 0 ? nil : Array(bytes.prefix(Int(read)))
    }

    // MARK: Sockets

    private enum Address {
        case endpoint(Endpoint)
        case unix(String)
        case other
    }

    private func connected(_ told: clx_told) -> [PolicyAct]? {
        guard let address = address(told) else { return nil }
        switch address {
        case .unix(let path): return path.hasPrefix("/") ? [.connectUnix(path: PresentPath.resolved(path))] : []
        case .other: return []
        case .endpoint(let endpoint):
            guard let type = type(told) else { return nil }
            if type == Int32(SOCK_STREAM.rawValue) { return [.connect(endpoint.address, port: endpoint.port)] }
            // Nothing is sent yet: resolvers connect so to find out which of their addresses is used.
            peers.set(Socket(thread: process(told.thread), descriptor: told.descriptor), endpoint)
            return []
        }
    }

    private func bound(_ told: clx_told) -> [PolicyAct]? {
        guard let address = address(told), case .endpoint(let endpoint) = address else { return [] }
        guard let type = type(told) else { return nil }
        return type == Int32(SOCK_STREAM.rawValue) ? [.bind(endpoint.address, port: endpoint.port)] : []
    }

    private func sent(_ told: clx_told) -> [PolicyAct]? {
        guard let endpoint = peer(told) else { return [] }
        if endpoint.port == 53 { seeQuestion(memory(told.thread, told.data, min(Int(clamping: told.data_length), 512))) }
        return [.send(endpoint.address, port: endpoint.port)]
    }

    /// Of a datagram: where it goes; nil for all else.
    private func peer(_ told: clx_told) -> Endpoint? {
        guard told.address != 0 else { return peers[Socket(thread: process(told.thread), descriptor: told.descriptor)] }
        guard let address = address(told), case .endpoint(let endpoint) = address, type(told) == Int32(SOCK_DGRAM.rawValue) else {
            return nil
        }
        return endpoint
    }

    /// glibc asks a nameserver so for both kinds of addresses at once.
    private func sentMany(_ told: clx_told) -> [PolicyAct]? {
        guard let endpoint = peer(told) else { return [] }
        let header = 64
        for index in 0..<min(Int(clamping: told.data_length), 4) where endpoint.port == 53 {
            guard let message = memory(told.thread, told.data + UInt64(index * header), header), message.count == header,
                let vector = memory(told.thread, Self.word(message, at: 16), 16), vector.count == 16
            else { return nil }
            seeQuestion(memory(told.thread, Self.word(vector, at: 0), min(Int(clamping: Self.word(vector, at: 8)), 512)))
        }
        return [.send(endpoint.address, port: endpoint.port)]
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The name in a question (RFC 1035, 4.1.2).
    private func seeQuestion(_ bytes: [UInt8]?) {
        guard let bytes, bytes.count > 17 else { return }
        var labels: [String] = []
        var at = 12
        while at < bytes.count, bytes[at] != 0, bytes[at] < 64, at + Int(bytes[at]) < bytes.count, labels.count < 128 {
            labels.append(String(decoding: bytes[(at + 1)...(at + Int(bytes[at]))], as: UTF8.self))
            at += Int(bytes[at]) + 1
        }
        if !labels.isEmpty { conversation.see(name: labels.joined(separator: ".")) }
    }

    private func type(_ told: clx_told) -> Int32? {
        var type: Int32 = 0
        var domain: Int32 = 0
        return clx_socket_of(process(told.thread), told.descriptor, &type, &domain) == 0 ? type : nil
    }

    /// Tgid of proc_pid_status(5): only processes have a pidfd.
    private func process(_ thread: Int32) -> Int32 {
        guard let bytes = (try? WorkingDirectory().open("/proc/\(thread)/status").readAll(limit: 4_096)).flatMap(\.self) else {
            return thread
        }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Tgid:") }
        return line.flatMap { Int32($0.dropFirst(5).drop { $0 == "\t" || $0 == " " }) } ?? thread
    }

    private func address(_ told: clx_told) -> Address? {
        guard let bytes = memory(told.thread, told.address, min(Int(clamping: told.address_length), 128)), bytes.count >= 2 else {
            return nil
        }
        switch Int32(bytes[0]) | Int32(bytes[1]) << 8 {
        case AF_INET where bytes.count >= 8:
            let address = bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
            return .endpoint(Endpoint(address: .v4(address), port: UInt16(bytes[2]) << 8 | UInt16(bytes[3])))
        case AF_INET6 where bytes.count >= 24:
            let high = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
            let low = bytes[16..<24].reduce(0) { $0 << 8 | UInt64($1) }
            return .endpoint(Endpoint(address: IPAddress.v6(high: high, low: low).unmapped, port: UInt16(bytes[2]) << 8 | UInt16(bytes[3])))
        case AF_UNIX:
            let path = bytes[2...].prefix { $0 != 0 }
            return String(validating: path, as: UTF8.self).map { .unix($0) } ?? .other
        case _: return .other
        }
    }
}
