import StrictJSON

/// What every connection answers by itself: `org.varlink.service`, and calls of no known method.
enum ServiceInterface {
    /// Nil for a known method of `io.sandboxd`.
    static func answer(to call: borrowing ControlCall) -> Result<JSONObject, ControlError>? {
        if ControlInterface.Method(rawValue: call.method) != nil { return nil }
        guard let method = ControlInterface.ServiceMethod(rawValue: call.method) else { return .failure(unknown(call.method)) }
        switch method {
        case .getInfo: return .success(info)
        case .getInterfaceDescription: return description(call.parameters["interface"])
        }
    }

    private static func unknown(_ method: String) -> ControlError {
        let interface = method.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(method[..<$0]) } ?? method
        let known = [ControlInterface.name, ControlInterface.service].contains { $0.utf8.elementsEqual(interface.utf8) }
        return known ? .methodNotFound(method) : .interfaceNotFound(interface)
    }

    private static var info: JSONObject {
        JSONObject([
            ("vendor", .string(ControlInterface.vendor)), ("product", "sandboxd"), ("version", .string(ControlInterface.productVersion)),
            ("url", .string(ControlInterface.url)),
            ("interfaces", [.string(ControlInterface.service), .string(ControlInterface.name)]),
        ])
    }

    private static func description(_ interface: JSON?) -> Result<JSONObject, ControlError> {
        guard let interface = interface?.string else { return .failure(.invalidParameter("interface")) }
        switch interface {
        case ControlInterface.name: return .success(JSONObject([("description", .string(ControlInterface.description))]))
        case ControlInterface.service: return .success(JSONObject([("description", .string(ControlInterface.serviceDescription))]))
        default: return .failure(.interfaceNotFound(interface))
        }
    }
}
