import CKernel
public import Descriptors
import EventLoop

/// What a session's programs write of their denials: a ring buffer, which the gate reads, and counters, which only the daemon does. Both are
/// pinned beside the programs' links, so that the daemon holds no descriptor of them, and the next daemon finds them.
public struct DenialMaps: Sendable, Hashable {
    /// What the programs counted.
    public struct Counts: Sendable, Hashable {
        public var denied: UInt64
        /// Of these, how many found the ring buffer full.
        public var lost: UInt64
        /// Packets of others that no socket of the session got.
        public var unheard: UInt64

        public init(denied: UInt64, lost: UInt64, unheard: UInt64 = 0) {
            self.denied = denied
            self.lost = lost
            self.unheard = unheard
        }
    }

    static let ringPin = "denials"
    static let countersPin = "counters"

    private let pins: String

    /// Of the session whose links are pinned there.
    public init(pins: String) { self.pins = pins }

    /// The counters as they are now; `Errno.noEntry` where a session has none.
    public func counts() throws(Errno) -> Counts {
        let map = try open(Self.countersPin)
        var key: UInt32 = 0
        var counters = egress_counters()
        try check(ck_bpf_lookup(map.number, &key, &counters))
        return Counts(denied: counters.denied, lost: counters.lost, unheard: counters.unheard)
    }

    /// Begins anew: what was denied so far is taken out of the ring, and not counted. To be called while nobody is in the cgroup.
    public func clear() throws(Errno) {
        let ring = try openRing()
        let buffer = try RingBuffer(mapping: ring.number, bytes: try bytes(of: ring))
        while case .record = buffer.next() {}
        buffer.release()
        let map = try open(Self.countersPin)
        var key: UInt32 = 0
        var none = egress_counters()
        try check(ck_bpf_update(map.number, &key, &none))
    }

    /// The ring buffer, for who reads it.
    public func openRing() throws(Errno) -> OwnedDescriptor { try open(Self.ringPin) }

    /// The bytes of a ring buffer's data.
    public func bytes(of ring: borrowing OwnedDescriptor) throws(Errno) -> Int {
        let bytes = ck_bpf_map_capacity(ring.number)
        guard bytes > 0 else { throw Errno(code: Int32(-bytes)) }
        return Int(bytes)
    }

    private func open(_ name: String) throws(Errno) -> OwnedDescriptor { try descriptor(ck_bpf_open_pin(pins + "/" + name)) }
}
