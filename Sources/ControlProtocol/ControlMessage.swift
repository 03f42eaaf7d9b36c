public import Descriptors
public import StrictJSON

/// Parameters, of a call or of its reply, and the descriptors they name.
/// Frozen, so that other targets may move the descriptors out.
@frozen public struct ControlMessage: ~Copyable {
    public let parameters: JSONObject
    /// In the order sent; closed unless taken.
    public var descriptors: DescriptorList

    public init(_ parameters: JSONObject = JSONObject(), descriptors: consuming DescriptorList = DescriptorList()) {
        self.parameters = parameters
        self.descriptors = descriptors
    }

    /// Reads a reply; throws the error that it tells.
    init(reply frame: consuming FrameReader.Frame) throws(ControlCallFailure) {
        let object = frame.object
        for member in object.members {
            switch member.name {
            case "parameters": guard member.value.object != nil else { throw .violation(.malformed) }
            case "error": guard member.value.string != nil else { throw .violation(.malformed) }
            case "continues": guard member.value.bool != nil else { throw .violation(.malformed) }
            default: throw .violation(.malformed)
            }
        }
        let parameters = object["parameters"]?.object ?? JSONObject()
        if let name = object["error"]?.string {
            guard let error = ControlError(name: name, parameters: parameters) else { throw .violation(.malformed) }
            throw .answered(error)
        }
        self.init(parameters, descriptors: frame.descriptors)
    }
}
