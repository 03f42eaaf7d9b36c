import CAres
import CProxy
import Descriptors
import EventLoop
import Glibc
import Policy

/// Asks the nameservers for the addresses of names, by UDP and TCP, without waiting. It reads no file: neither hosts nor resolv.conf.
final class Resolver {
    private let loop: EventLoop
    private var channel: ares_channel?
    private var sockets: [Int32: Registration] = [:]
    private var timer: TimerToken?

    /// What c-ares calls back, and how often: unanswered questions go out again, to the next server first.
    private static let milliseconds: Int32 = 2_000
    private static let tries: Int32 = 2
    /// Where nothing is: a file that could not be opened for another reason would be an error to c-ares.
    private static let noFile = "/nonexistent"

    /// Errors: `noMemory`, or `invalid` where there is no nameserver.
    init(asking nameservers: [String], in loop: EventLoop) throws(Errno) {
        self.loop = loop
        guard !nameservers.isEmpty, ares_library_init(ARES_LIB_INIT_ALL) == 0 else { throw .invalid }
        guard let channel = makeChannel() else { throw .noMemory }
        self.channel = channel
        guard ares_set_servers_ports_csv(channel, nameservers.joined(separator: ",")) == 0 else { throw .invalid }
    }

    deinit { if let channel { ares_destroy(channel) } }

    private func makeChannel() -> ares_channel? {
        var options = ares_options(), channel: ares_channel?
        options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
        options.timeout = Self.milliseconds
        options.tries = Self.tries
        options.sock_state_cb = { context, socket, reads, writes in
            guard let context else { return }
            Unmanaged<Resolver>.fromOpaque(context).takeUnretainedValue().watch(socket, reads: reads != 0, writes: writes != 0)
        }
        options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        let mask =
            ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF
            | ARES_OPT_DOMAINS
        let result = "b".withCString { lookups in
            Self.noFile.withCString { file in
                options.lookups = UnsafeMutablePointer(mutating: lookups)
                options.resolvconf_path = UnsafeMutablePointer(mutating: file)
                return ares_init_options(&channel, &options, mask)
            }
        }
        return result == 0 ? channel : nil
    }

    /// Calls `body` once: with the addresses in the order in which they are to be tried; none where there are none, or nobody answered.
    func addresses(of name: HostName, _ body: @escaping ([IPAddress]) -> Void) {
        guard let channel else { return body([]) }
        var hints = ares_addrinfo_hints()
        hints.ai_flags = ARES_AI_NOSORT
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let context = Unmanaged.passRetained(Answer(body)).toOpaque()
        ares_getaddrinfo(
            channel, name.text, nil, &hints,
            { context, status, _, result in
                defer { if let result { ares_freeaddrinfo(result) } }
                guard let context else { return }
                Unmanaged<Answer>.fromOpaque(context).takeRetainedValue().body(status == 0 ? Resolver.addresses(result) : [])
            }, context)
        setTimer()
    }

    private final class Answer {
        let body: ([IPAddress]) -> Void

        init(_ body: @escaping ([IPAddress]) -> Void) { self.body = body }
    }

    private static func addresses(_ result: UnsafeMutablePointer<ares_addrinfo>?) -> [IPAddress] {
        var addresses: [IPAddress] = []
        var node = result?.pointee.nodes
        while let current = node {
            var bytes = [UInt8](repeating: 0, count: 16)
            if let address = current.pointee.ai_addr, cpx_address(address, &bytes) == 0 { addresses.append(IPAddress(mappedBytes: bytes)) }
            node = current.pointee.ai_next
        }
        // Older ones first: they work on more hosts, and nobody here races the two.
        return addresses.filter { $0.width == 32 } + addresses.filter { $0.width == 128 }
    }

    // MARK: The loop

    private func watch(_ socket: Int32, reads: Bool, writes: Bool) {
        let interest = (reads ? Interest.readable : []).union(writes ? .writable : [])
        if interest.isEmpty {
            if let known = sockets.removeValue(forKey: socket) { loop.remove(known) }
        } else if let known = sockets[socket] {
            loop.change(known, to: interest)
        } else {
            sockets[socket] = try? loop.register(socket, for: interest) { [weak self] readiness in self?.process(socket, readiness) }
        }
    }

    private func process(_ socket: Int32, _ readiness: Readiness) {
        guard let channel else { return }
        ares_process_fd(channel, readiness.mayRead ? socket : -1, readiness.mayWrite ? socket : -1)
        setTimer()
    }

    /// Wakes when the next question is due again; nothing is open where no time is given.
    private func setTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
        var wait = timeval()
        guard let channel, ares_timeout(channel, nil, &wait) != nil else { return }
        let nanoseconds = UInt64(max(0, wait.tv_sec)) * 1_000_000_000 + UInt64(max(0, wait.tv_usec)) * 1_000
        timer = loop.after(nanoseconds: nanoseconds) { [weak self] in
            guard let self, let channel = self.channel else { return }
            timer = nil
            ares_process_fd(channel, -1, -1)
            setTimer()
        }
    }
}
