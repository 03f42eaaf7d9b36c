import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import SessionProtocol
import StrictJSON

/// What the gate says, and when it may: `GateMessage` is the table, and all else is a violation.
extension Session {
    func gateSpeaks() {
        while let socket = launch?.gateSocket?.borrowed {
            do {
                guard let message = try socket.receive(atMost: GateMessage.sizeLimit) else { return }
                if message.isEnd { return gateClosed() }
                take(GateMessage(bytes: message.bytes))
            } catch {
                return gateClosed()
            }
        }
    }

    private func take(_ message: GateMessage?) {
        switch (message, phase) {
        case (_, .ending), (_, .closed): return
        case (.ready?, .awaitingGate), (.ready?, .launchingGate): perform { () throws(LaunchFailure) in try gateIsReady() }
        case (.failed(let why)?, _): fail(LaunchFailure(.gateReady, nil, why))
        case (.resumed?, _) where awaitsResumption: awaitsResumption = false
        // Said to the daemon before, which may have answered: it is said again.
        case (_?, _) where awaitsResumption: return
        case (.request(let number, let request)?, _) where mayAsk: take(request, number)
        case (.withdraw(let number)?, _) where mayAsk: withdraw(number)
        case (.detach(let number)?, _) where mayAsk: detach(number)
        case (.accepted(let number)?, _) where mayAsk: accept(number)
        case (.ahead?, _) where mayAsk: foldAhead()
        case (.presence?, _) where mayAsk: sayPresent()
        case (.tightened(let number)?, .running): gateIsTightened(number)
        case (.ready?, _), (.request?, _), (.withdraw?, _), (.detach?, _), (.accepted?, _), (.ahead?, _), (.presence?, _), (.resumed?, _),
            (.tightened?, _),
            (nil, _):
            violated()
        }
    }

    /// A client may write before its server runs.
    private var mayAsk: Bool { [.testing, .launchingServer, .launchingProxy, .sealing, .running].contains(phase) }

    private func take(_ request: GateRequest, _ number: Int64) {
        guard number > lastRequest, gateRequests.count < GateRequest.limit else { return violated() }
        lastRequest = number
        gateRequests[number] = request
        switch request {
        case .hold(let call): ask(about: call, number)
        case .lease(let lease): take(lease, number)
        case .pin(let definition): judge(definition, number)
        }
    }

    /// A request that was made: of this daemon, or of an earlier one, which the gate need not say again.
    private func mayKnow(_ number: Int64) -> Bool { number <= lastRequest || isAdopted }

    private func withdraw(_ number: Int64) {
        // It may have been answered, or detached, meanwhile.
        guard mayKnow(number) else { return violated() }
        gateRequests[number] = nil
        withdrawHold(number)
        giveBackLease(number)
    }

    private func detach(_ number: Int64) {
        guard mayKnow(number) else { return violated() }
        gateRequests[number] = nil
        detachHold(number)
    }

    private func accept(_ number: Int64) {
        // Only whoever may decide can have done so.
        guard mayKnow(number), approvers?.callerDecides == true else { return violated() }
        gateRequests[number] = nil
        acceptHold(number)
    }

    /// Whether a request is open, and somebody there to be answered.
    func awaitsAnswer(_ number: Int64) -> Bool { gateRequests[number] != nil && launch?.gateSocket?.borrowed != nil }

    /// Answers a request that is open; what was withdrawn gets none.
    func answerGate(_ number: Int64, _ answer: DaemonAnswer) {
        guard gateRequests[number] != nil, let socket = launch?.gateSocket?.borrowed else { return }
        if answer.isLast { gateRequests[number] = nil }
        do {
            // Answers are small and the requests counted: a gate that leaves so many unread is none of ours.
            guard case .moved = try socket.send(DaemonMessage(number: number, answer).json.encoded()) else { return violated() }
        } catch {
            gateClosed()
        }
    }

    /// A gate that does not read what it asked for is none of ours.
    private func sayPresent() {
        guard let socket = launch?.gateSocket?.borrowed else { return }
        do {
            guard case .moved = try socket.send(DaemonMessage.present.json.encoded()) else { return violated() }
        } catch {
            gateClosed()
        }
    }

    private func gateClosed() {
        guard let socket = launch?.gateSocket?.number else { return }
        // The keeper tells how it ended, and ends the session.
        launch?.unwatch(socket)
        launch?.gateSocket = nil
    }

    func violated() {
        record(.lifecycle, ["event": "violation", "peer": "gate"])
        if phase.step != nil { return fail(LaunchFailure(.gateReady, nil, "the gate broke the protocol")) }
        tearDown()
    }
}
