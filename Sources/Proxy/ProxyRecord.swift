import Evidence
import Policy
import StrictJSON

extension ProxyEvent {
    /// The body of its receipt.
    var body: JSONObject {
        switch self {
        case .opened(let number, let target, let address):
            JSONObject([
                ("address", .string(address.description)), ("connection", JSON(Int64(number))), ("name", .string(target.name.text)),
                ("port", JSON(Int(target.port))), ("state", "opened"),
            ])
        case .refused(let number, let target, let refusal):
            JSONObject(
                [("connection", JSON(Int64(number)))]
                    + (target.map { [("name", JSON.string($0.name.text)), ("port", JSON(Int($0.port)))] } ?? [])
                    + [("refusal", .string(refusal.rawValue)), ("state", "refused")])
        case .closed(let number, let sent, let received):
            JSONObject([
                ("connection", JSON(Int64(number))), ("received", JSON(Int64(clamping: received))), ("sent", JSON(Int64(clamping: sent))),
                ("state", "closed"),
            ])
        }
    }
}
