import ControlProtocol
import Descriptors
import Evidence
import StrictJSON

/// The log, for those who may read it over the control API and not in its files.
///
/// INVARIANT: nothing is read for anybody before a receipt says who reads.
extension Daemon {
    private var published: PublishedLog { PublishedLog(directory: state.evidence) }

    func listLog(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let after = try LogParameters.after(call)
            try recordReading(connection, peer)
            let found: [PublishedLog.File]
            do { found = try published.files(after: after ?? "", limit: LogParameters.filesLimit + 1) } catch {
                throw .logUnavailable(problem: error.name)
            }
            let files = found.prefix(LogParameters.filesLimit).map { ListedLog.File(name: $0.name, size: $0.size) }
            connection.reply(ListedLog(files: files, hasMore: found.count > files.count).encode())
        } catch {
            connection.fail(error)
        }
    }

    func readLog(_ connection: ControlConnection, _ call: borrowing ControlCall) {
        do throws(ControlError) {
            let (file, offset) = try LogParameters.part(call)
            guard logReaders.contains(ObjectIdentifier(connection)) else { throw .notPermitted(problem: "ListLog comes first") }
            do throws(Errno) {
                guard let part = try published.read(file, from: offset, limit: LogParameters.limit) else {
                    return connection.fail(.invalidParameter("file"))
                }
                let memory = try SealedMemory.make(name: "log", bytes: part.bytes)
                connection.reply(LogPart(content: memory, size: part.size).encode())
            } catch {
                throw ControlError.logUnavailable(problem: error.name)
            }
        } catch {
            connection.fail(error)
        }
    }

    private func recordReading(_ connection: ControlConnection, _ peer: Peer) throws(ControlError) {
        guard !logReaders.contains(ObjectIdentifier(connection)) else { return }
        guard record(.lifecycle, ["event": "log-read", "by": JSON(Int(peer.user)), "process": JSON(Int(peer.process))], nil) else {
            throw .logUnavailable(problem: logFault?.text ?? "it cannot be written")
        }
        logReaders.insert(ObjectIdentifier(connection))
    }
}
