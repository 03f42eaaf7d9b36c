import Descriptors
import EventLoop
import MCP

extension GateLoop {
    /// What came of reading a side once.
    private enum Reading { case some, none, ended }

    func readClient() {
        guard mayReadClient, !clientHasMore else { return }
        let reading = Self.read(into: &clientLines) { room throws(Errno) in try clientInput.read(into: room) }
        pumpClient()
        if reading == .ended { endClient() }
    }

    func readServer() {
        guard mayReadServer, !serverHasMore else { return }
        let source = serverOutput
        let reading = Self.read(into: &serverLines) { room throws(Errno) in try source.read(into: room) }
        pumpServer()
        if reading == .ended { endServer() }
    }

    func readServerErrors() {
        let source = serverErrors
        let reading = Self.read(into: &errorLines) { room throws(Errno) in try source.read(into: room) }
        if reading != .none { drainDenials() }
        while let piece = errorLines.next() {
            let range =
                switch piece {
                case .line(let range), .tooLong(let range): range
                }
            let line = errorLines.withBytes(range) { Self.array($0) }
            if people.isFull { unsaid += 1 } else { state.step(.serverError(line), now: loop.now, into: &turn) }
        }
        if reading == .ended { registrations.remove(\.serverErrors, from: loop) }
    }

    func pumpClient() {
        recoverRecords()
        clientHasMore = false
        while let piece = clientLines.next() {
            // Of each line by itself: receipts say what it took.
            let now = loop.now
            switch piece {
            case .line(let range): clientLines.withBytes(range) { state.step(.client, line: $0, now: now, into: &turn) }
            case .tooLong(let range): tellTooLong(.client, clientLines.withBytes(range) { Self.array($0) }, now)
            }
            if isTurnFull {
                clientHasMore = true
                return
            }
        }
    }

    func pumpServer() {
        recoverRecords()
        drainDenials()
        serverHasMore = false
        while let piece = serverLines.next() {
            let now = loop.now
            switch piece {
            case .line(let range): serverLines.withBytes(range) { state.step(.server, line: $0, now: now, into: &turn) }
            case .tooLong(let range): tellTooLong(.server, serverLines.withBytes(range) { Self.array($0) }, now)
            }
            if isTurnFull {
                serverHasMore = true
                return
            }
        }
    }

    private func tellTooLong(_ side: Side, _ beginning: [UInt8], _ now: UInt64) {
        state.step(.tooLong(side, beginning), now: now, into: &turn)
    }

    private var isTurnFull: Bool { turn.toClient.count + turn.toServer.count > Self.turnLimit }

    private static func read(
        into framer: inout LineFramer, _ read: (UnsafeMutableRawBufferPointer) throws(Errno) -> Transfer
    ) -> Reading {
        var reading = Reading.none
        do {
            _ = try framer.fill { room throws(Errno) in
                switch try read(room) {
                case .moved(let count):
                    reading = .some
                    return count
                case .wouldBlock: return 0
                case .ended:
                    reading = .ended
                    return 0
                }
            }
        } catch {
            // A connection that broke is at its end.
            return .ended
        }
        return reading
    }

    private static func array(_ span: Span<UInt8>) -> [UInt8] {
        span.withUnsafeBufferPointer { Array($0) }
    }
}
