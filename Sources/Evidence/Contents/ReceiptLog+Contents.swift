import Descriptors
import StrictJSON

/// Contents that are kept beside receipts, and can be erased without a change of the log.
extension ReceiptLog {
    /// The longest reason that an erasure is recorded with, bytes.
    public static let reasonLimit = 1_024

    /// Which session's content a receipt commits to. Errors: there is none to erase.
    public func session(ofContentAt number: UInt64) throws(EraseFailure) -> String {
        try contentName(number).session
    }

    /// Erases what is kept of a decision's arguments. `by`: the uid of whoever asked. The receipt of it is durable and signed before anything is
    /// gone; what a crash leaves is finished when the log is opened the next time. Returns that receipt's number.
    @discardableResult
    public func erase(_ number: UInt64, by: UInt32, reason: String? = nil, time: UInt64) throws(EraseFailure) -> UInt64 {
        let name = try contentName(number)
        do throws(LogError) {
            if let own = try finishErasure(name) { return own }
        } catch {
            throw .log(error)
        }
        if state.erased[name] != nil { throw .erasedBefore }
        let notice = ErasureNotice(receipt: number, name, by: by, reason: reason.map { String($0.utf8.prefix(Self.reasonLimit)) ?? "" })
        guard let receipt = try? Receipt(.lifecycle, time: time, facts: nil, body: notice.body) else { throw .log(.broken) }
        do throws(LogError) {
            let own = try append(receipt)
            state.erased[name] = own
            if let fault = faultAt?(.told) { throw .system(fault) }
            try checkpoint()
            try removeContents([name])
            return own
        } catch {
            throw .log(error)
        }
    }

    private func contentName(_ number: UInt64) throws(EraseFailure) -> ContentName {
        guard number < size else { throw .noSuchReceipt }
        guard let age = state.ages.segment(of: number) else { throw .noSuchReceipt }
        if age.isRemoved { throw .removed }
        let found: ContentName?
        do throws(Errno) { found = try contentName(number, inSegment: age.first) } catch { throw .log(.system(error)) }
        guard let found else { throw .nothingKept }
        return found
    }

    private func contentName(_ number: UInt64, inSegment first: UInt64) throws(Errno) -> ContentName? {
        let file = try files.segments.open(LogFiles.segment(from: first))
        var lines = LineReader()
        while case .line(let bytes) = try lines.next(from: file) {
            guard let line = try? ReceiptLine(bytes), line.number == number else { continue }
            guard KeptContent.code(line, bytes) != nil, let place = line.place, let own = place.spoolNumber else { return nil }
            return ContentName(session: place.session, number: own)
        }
        return nil
    }

    /// What an earlier process was about to erase.
    func finishErasures() throws(LogError) {
        for name in state.erased.keys { _ = try finishErasure(name) }
    }

    /// Erases what a receipt says is gone and is still there; the number of that receipt.
    private func finishErasure(_ name: ContentName) throws(LogError) -> UInt64? {
        let isThere: Bool
        do { isThere = try LogContents(in: files.root.borrowed).has(name) } catch { throw .system(error) }
        guard isThere, let own = state.erased[name] else { return nil }
        try checkpoint()
        try removeContents([name])
        return own
    }

    /// What retention removed does not come back with a spool that is read again.
    func keep(_ content: [UInt8], _ name: ContentName) throws(LogError) {
        guard name.number > state.sessions[name.session].goneSpool else { return }
        do { try LogContents(in: files.root.borrowed).keep(content, name) } catch { throw .system(error) }
    }

    func removeContents(_ names: [ContentName]) throws(LogError) {
        do { try LogContents(in: files.root.borrowed).remove(names) } catch { throw .system(error) }
    }

    /// Brings a session's contents to the disk: what they were read from is about to go.
    public func synchronizeContents(of session: String) throws(LogError) {
        do { try LogContents(in: files.root.borrowed).synchronize(session) } catch { throw .system(error) }
    }
}
