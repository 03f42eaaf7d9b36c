import Descriptors
import EventLoop
import Evidence
import Kernel
import SessionProtocol
import StrictJSON

/// A gate that hides what the kernel denied is found: the daemon alone reads the programs' counters.
extension Session {
    /// Carries what the gate stated into the log, and compares. A gate that hid something, or invented it, ends its session.
    func foldAndCompare() {
        guard let maps = denialMaps, let counts = try? maps.counts() else {
            daemon.fold(self, isOver: false)
            return
        }
        // What the programs have just counted may be on its way into the ring: what they had counted a turn ago is there.
        let settled = countedBefore
        countedBefore = counts.denied
        countedLost = Int64(clamping: counts.lost)
        let waiting = counts.denied > toldDenials ? UInt64(waitingDenials(maps).count) : 0
        guard daemon.fold(self, isOver: false) else { return }
        let account = DenialAccount(denied: settled, lost: counts.lost, waiting: waiting, told: toldDenials)
        guard account.hidden > 0 else { return }
        recordViolation(account)
        tearDown()
    }

    /// All is over: what the gate did not come to read is told, what was lost is said to be, and nothing may be missing.
    func closeDenials(isFolded: Bool) {
        guard isFolded, isReleased || isAdopted, let maps = denialMaps else { return }
        let counts: DenialMaps.Counts
        do throws(Errno) {
            // The log has what a spool that is gone said, and this daemon did not read it: an earlier one died while it closed the session.
            guard (folder?.offset ?? 0) > 0 else { throw .noEntry }
            counts = try maps.counts()
        } catch {
            record(.lifecycle, ["event": "denials-uncounted", "error": .string(error.name)])
            return
        }
        countedLost = Int64(clamping: counts.lost)
        let rest = waitingDenials(maps)
        let account = DenialAccount(denied: counts.denied, lost: counts.lost, waiting: UInt64(rest.count), told: toldDenials)
        tellRest(rest)
        if counts.lost > 0 {
            record(.kernelDenial, ["attribution": "none", "claim": "observed", "lost": JSON(Int64(clamping: counts.lost))])
        }
        if account.hidden > 0 || account.invented > 0 { recordViolation(account) }
    }

    /// Nil for a session without programs.
    var denialMaps: DenialMaps? { launch?.pins.flatMap { $0.isEmpty ? nil : DenialMaps(pins: $0) } }

    private var toldDenials: UInt64 { folder?.denials.told ?? 0 }

    /// What lies in the ring buffer, in its order; `nil` stands for what no denial is read from.
    private func waitingDenials(_ maps: DenialMaps) -> [KernelDenial?] {
        guard let ring = try? maps.openRing(), let bytes = try? maps.bytes(of: ring),
            let buffer = try? RingBuffer(mapping: ring.number, bytes: bytes, for: .watching)
        else { return [] }
        var found: [KernelDenial?] = []
        while case .record(let content) = buffer.next() { found.append(KernelDenial(record: content)) }
        return found
    }

    /// The gate did not come to them; nobody can say any more which call was in flight.
    private func tellRest(_ rest: [KernelDenial?]) {
        var counted: [CountedDenial] = []
        for denial in rest.compactMap(\.self) {
            if let index = counted.firstIndex(where: { $0.act == denial.act }) {
                counted[index].add(denial)
            } else {
                counted.append(CountedDenial(denial))
            }
        }
        for denial in counted {
            var body = denial.members
            body["attribution"] = "none"
            record(.kernelDenial, body)
        }
        let unreadable = rest.count { $0 == nil }
        if unreadable > 0 {
            record(.kernelDenial, ["attribution": "none", "claim": "observed", "count": JSON(unreadable), "unreadable": true])
        }
    }

    private func recordViolation(_ account: DenialAccount) {
        guard !saidHiding else { return }
        saidHiding = true
        record(
            .lifecycle,
            [
                "counted": JSON(Int64(clamping: account.denied)), "event": "violation", "fault": "untold-denials",
                "hidden": JSON(Int64(clamping: account.hidden)), "invented": JSON(Int64(clamping: account.invented)),
                "lost": JSON(Int64(clamping: account.lost)), "peer": "gate", "told": JSON(Int64(clamping: account.told)),
                "waiting": JSON(Int64(clamping: account.waiting)),
            ])
    }
}
