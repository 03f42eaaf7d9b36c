import Descriptors
import EventLoop
import Glibc
import SessionProtocol

/// The session's ring buffer: read before what a server wrote is judged, given back once its denials are in the spool.
extension GateLoop {
    /// A record that another CPU is just writing is waited for so many times; who was denied cannot have gone on meanwhile, only others.
    private static let patience = 64

    /// Hands all that the kernel has denied so far to the state. To be called after a side's bytes were read and before they are judged: a
    /// denial is in the ring before the system call returns, so that it lies there before the server can have written what follows from it.
    func drainDenials() {
        guard let ring = denials else { return }
        if !readsDenials { beginDenials(ring) }
        var found: [KernelDenial] = []
        var unreadable = 0
        while let record = nextRecord(of: ring) {
            if let denial = KernelDenial(record: record) { found.append(denial) } else { unreadable += 1 }
        }
        guard !found.isEmpty || unreadable > 0 else { return }
        state.step(.denied(found, unreadable: unreadable), now: loop.now, into: &turn)
    }

    /// The server has said something, so that it runs. What was denied before it did was the self-test's, and was taken out by the daemon.
    private func beginDenials(_ ring: RingBuffer) {
        readsDenials = true
        ring.follow()
    }

    private func nextRecord(of ring: RingBuffer) -> [UInt8]? {
        for _ in 0..<Self.patience {
            switch ring.next() {
            case .record(let content): return content
            case .none: return nil
            case .busy: sched_yield()
            case .malformed:
                loseDenials()
                return nil
            }
        }
        return nil
    }

    /// It is no ring buffer as we know them; what the daemon counts shows what nobody tells.
    private func loseDenials() {
        registrations.remove(\.denials, from: loop)
        denials = nil
        state.step(.denialsUnreadable, now: loop.now, into: &turn)
    }

    /// What was told is given back to the kernel. While something waits the ring is not watched, but looked at when its time has come.
    func settleDenials() {
        guard readsDenials, let ring = denials else { return }
        let isWaiting = state.hasUntoldDenials
        if !isWaiting { ring.release() }
        if isWaiting, !awaitsDenials { tellDenialsLater() }
        if let registration = registrations.denials { loop.change(registration, to: isWaiting ? [] : .readable) }
    }

    private func tellDenialsLater() {
        awaitsDenials = true
        let now = loop.now
        loop.at(state.denialsDue > now ? state.denialsDue : now + GateState.denialInterval) { [unowned self] in
            awaitsDenials = false
            recoverRecords()
            drainDenials()
            state.step(.denialsDue, now: loop.now, into: &turn)
        }
    }
}
