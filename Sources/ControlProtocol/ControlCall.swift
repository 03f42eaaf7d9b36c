public import Descriptors
public import StrictJSON

/// One call as it arrived.
/// Frozen, so that other targets may move the descriptors out.
@frozen public struct ControlCall: ~Copyable {
    /// Interface and method, e.g. `io.sandboxd.Wrap`.
    public let method: String
    public let parameters: JSONObject
    /// In the order sent; closed unless taken.
    public var descriptors: DescriptorList
    /// The caller takes more than one reply.
    public let wantsMore: Bool

    public init(method: String, parameters: JSONObject, descriptors: consuming DescriptorList, wantsMore: Bool = false) {
        self.method = method
        self.parameters = parameters
        self.descriptors = descriptors
        self.wantsMore = wantsMore
    }

    /// Reads a message. `oneway` and `upgrade` are of varlink and not taken by any method here.
    init(_ frame: consuming FrameReader.Frame) throws(ProtocolViolation) {
        let object = frame.object
        guard let method = object["method"]?.string else { throw .malformed }
        for member in object.members {
            switch member.name {
            case "method": continue
            case "parameters": guard member.value.object != nil else { throw .malformed }
            case "more": guard member.value.bool != nil else { throw .malformed }
            case "oneway", "upgrade": guard member.value == .bool(false) else { throw .malformed }
            default: throw .malformed
            }
        }
        self.init(
            method: method, parameters: object["parameters"]?.object ?? JSONObject(), descriptors: frame.descriptors,
            wantsMore: object["more"]?.bool ?? false)
    }

    static func message(method: String, parameters: JSONObject, more: Bool = false) -> JSONObject {
        JSONObject([("method", .string(method)), ("parameters", .object(parameters))] + (more ? [("more", true)] : []))
    }
}
