import ControlProtocol
import Evidence
import StrictJSON

/// What callers say about prepared packages. Nothing of it is looked at here: the receipt says who said it.
extension Daemon {
    func recordPreparation(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let report = try PreparationReport(call)
            let said = report.members.filter { !$0.1.isNull } + [("by", JSON(Int(peer.user))), ("claim", "reported")]
            let number = log.size
            guard record(.preparation, JSONObject(said), nil) else {
                throw .logUnavailable(problem: logFault.map { $0.text } ?? "the receipt has no canonical form")
            }
            connection.reply(ControlMessage(JSONObject([("log", .string(log.verifier.name)), ("receipt", JSON(Int64(clamping: number)))])))
        } catch {
            connection.fail(error)
        }
    }
}
