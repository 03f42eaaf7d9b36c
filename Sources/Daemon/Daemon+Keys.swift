import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import StrictJSON

/// The exchange of the log's key over the control API.
extension Daemon {
    func rotateKey(_ connection: ControlConnection, _ call: borrowing ControlCall) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            guard keepsKey else {
                throw .notPermitted(
                    problem:
                        "the key is a credential: start sandboxd with the new one as `\(LogKeySource.name)` and this one as `\(LogKeySource.previousName)`"
                )
            }
            let old = log.verifier
            // The last word of the old key and the first of the new one go to whoever keeps checkpoints a second time, too.
            checkpoint()
            do { try log.rotateKey(isKept: true) } catch {
                logFault = error
                throw .logUnavailable(problem: error.text)
            }
            checkpoint()
            connection.reply(ControlMessage(JSONObject([("key", .string(log.verifier.text)), ("previous", .string(old.text))])))
        } catch {
            connection.fail(error)
        }
    }
}
