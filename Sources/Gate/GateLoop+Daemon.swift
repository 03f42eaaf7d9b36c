import Descriptors
import EventLoop
import SessionProtocol
import StrictJSON

/// The session socket: requests of the state, and the daemon's answers. It may be silent for as long as the daemon is replaced.
extension GateLoop {
    func talkWithDaemon() {
        readDaemon()
        flushDaemon()
    }

    private func readDaemon() {
        while let session {
            do {
                guard let message = try session.receive(atMost: GateMessage.sizeLimit, descriptors: 1) else { return }
                guard !message.isEnd, let answer = DaemonMessage(bytes: message.bytes) else { return loseDaemon() }
                if case .folded(let bytes) = answer {
                    folded(bytes)
                    continue
                }
                recoverRecords()
                drainDenials()
                state.step(event(answer, message.descriptors.peek(0)), now: loop.now, into: &turn)
            } catch {
                return loseDaemon()
            }
        }
    }

    /// What cannot be read is answered by no word, and lets nothing through any more.
    private func event(_ answer: DaemonMessage, _ memory: BorrowedDescriptor?) -> GateEvent {
        guard case .sections(let number) = answer else { return .daemon(answer) }
        guard let bytes = try? memory?.sealedContents(limit: 8 << 20), let sections = try? GateSections(bytes: bytes),
            sections.number == number
        else { return .daemon(.superseded) }
        return .sections(sections)
    }

    func flushDaemon() {
        while let session, let next = toDaemon.first {
            do {
                guard case .moved = try session.send(next.json.encoded()) else { return }
                toDaemon.removeFirst()
            } catch {
                return loseDaemon()
            }
        }
    }

    /// What the turn says to the daemon. What it takes back before it was sent is not said at all, so that no more waits than is open.
    func queueForDaemon() {
        guard session != nil else { return }
        for message in turn.toDaemon {
            if case .withdraw(let number) = message, let unsent = toDaemon.firstIndex(where: { $0.asks(number) }) {
                toDaemon.remove(at: unsent)
            } else {
                toDaemon.append(message)
            }
        }
    }

    /// Nobody will answer any more; what waits is blocked when its time has passed.
    private func loseDaemon() {
        registrations.remove(\.session, from: loop)
        session = nil
        toDaemon.removeAll()
        state.step(.daemonLost, now: loop.now, into: &turn)
    }

    /// Sets a timer for what the state waits for, if none is set that is early enough.
    func wakeWhenDue() {
        guard let due = state.nextDue, wakesAt.map({ due < $0 }) ?? true else { return }
        wakesAt = due
        loop.at(due) { [unowned self] in
            if wakesAt == due { wakesAt = nil }
            recoverRecords()
            // What the daemon said meanwhile came in time, however late this process is.
            readDaemon()
            state.step(.due, now: loop.now, into: &turn)
        }
    }
}

extension GateMessage {
    fileprivate func asks(_ number: Int64) -> Bool {
        if case .request(number, _) = self { true } else { false }
    }
}
