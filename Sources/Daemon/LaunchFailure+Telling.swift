import ControlProtocol
import Descriptors
import Kernel
import StrictJSON

extension LaunchFailure {
    /// As the receipt has it.
    var body: JSONObject {
        ["outcome": "failed", "step": .string(step.rawValue), "error": .string(error?.name ?? ""), "detail": .string(detail)]
    }

    /// As the caller hears it.
    var fault: LaunchFault { LaunchFault(step: step.rawValue, error: error?.name ?? "failed", detail: detail) }
}
