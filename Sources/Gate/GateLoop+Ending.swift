import Descriptors
import EventLoop
import MCP

extension GateLoop {
    /// The client writes no more. What it asked may still be answered for a while.
    func endClient() {
        guard clientIsOpen else { return }
        while clientHasMore { pumpClient() }
        clientIsOpen = false
        registrations.remove(\.clientInput, from: loop)
        stepUnfinished(.client, clientLines.unfinished())
        state.step(.ended(.client), now: loop.now, into: &turn)
        loop.after(nanoseconds: Self.grace) { [unowned self] in endServer() }
    }

    /// The server writes no more, or has taken too long: everybody who waits is told.
    func endServer() {
        guard serverIsOpen else { return }
        while serverHasMore { pumpServer() }
        serverIsOpen = false
        registrations.remove(\.serverOutput, from: loop)
        readServerErrors()
        drainDenials()
        stepUnfinished(.server, serverLines.unfinished())
        state.step(.ended(.server), now: loop.now, into: &turn)
    }

    private func stepUnfinished(_ side: Side, _ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        state.step(.unterminated(side, bytes), now: loop.now, into: &turn)
    }

    /// The server's stdin is closed at its other end.
    func endServerInput() {
        toServer.clear()
        closeServerInput()
        state.step(.serverInputClosed, now: loop.now, into: &turn)
        loop.after(nanoseconds: Self.grace) { [unowned self] in endServer() }
    }

    /// The keeper is dead: nobody would end this session but us. The server gets no further line, and everybody who waits is told.
    func loseKeeper() {
        registrations.remove(\.keeper, from: loop)
        closeServerInput()
        endServer()
        beginEnding()
    }

    func closeServerInput() {
        guard serverInput != nil else { return }
        registrations.remove(\.serverInput, from: loop)
        serverInput = nil
    }

    /// Nobody reads what is written: there is no session any more.
    func loseClient() {
        toClient.clear()
        closeServerInput()
        isOver = true
    }

    /// Writes what is left for the client, while it takes it.
    func beginEnding() {
        guard !isEnding else { return }
        isEnding = true
        closeServerInput()
        loop.after(nanoseconds: Self.grace) { [unowned self] in isOver = true }
    }
}
