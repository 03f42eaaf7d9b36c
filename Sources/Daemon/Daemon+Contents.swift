import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import StrictJSON

/// Erasing what is kept of arguments, over the control API.
extension Daemon {
    func eraseContent(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            let asked = try ErasureParameters(call)
            guard asked.log == nil || asked.log == log.verifier.name else {
                throw .notErased(problem: "this sandboxd keeps another log, \(log.verifier.name)")
            }
            let own = try erase(asked, peer.user)
            connection.reply(ControlMessage(JSONObject([("receipt", JSON(Int64(clamping: own)))])))
        } catch {
            connection.fail(error)
        }
    }

    private func erase(_ asked: ErasureParameters, _ user: UInt32) throws(ControlError) -> UInt64 {
        do throws(EraseFailure) {
            let number = UInt64(asked.receipt)
            let session = try log.session(ofContentAt: number)
            guard sessions[session] == nil, !hasSpool(session) else { throw .sessionRuns }
            let own = try log.erase(number, by: user, reason: asked.reason, time: Clock.realtime)
            if let signed = log.lastCheckpoint { secondCustody.give(signed) }
            return own
        } catch {
            if case .log(let fault) = error { logFault = fault }
            throw .notErased(problem: error.text)
        }
    }

    /// It holds the arguments, too, until it is folded.
    private func hasSpool(_ session: String) -> Bool { (try? WorkingDirectory().status(of: state.spool(session))) != nil }
}
