import Descriptors
import StrictJSON

/// What every request about a policy says of it: its texts, and what its inputs are given.
struct AskedPolicy {
    let policy: NamedText
    let includes: [NamedText]
    let inputs: [String: String]

    init(policy: NamedText, includes: [NamedText], inputs: [String: String]) {
        self.policy = policy
        self.includes = includes
        self.inputs = inputs
    }

    /// Every text is read whole, so that nothing of it can change afterwards.
    init(_ reader: inout ParameterReader) throws(ControlError) {
        policy = try reader.document("policy", reader.member("policy"))
        var includes: [NamedText] = []
        for document in try reader.array("includes") { includes.append(try reader.document("includes", document)) }
        self.includes = includes
        inputs = try reader.strings("inputs")
    }

    /// `others`: descriptors that the message has besides.
    func members(_ descriptors: inout DescriptorList, besides others: Int) throws(WrapRequest.Unsendable) -> [(String, JSON)] {
        guard includes.count + 1 + others <= ControlLimits.descriptors else { throw .tooManyIncludes }
        let policy = try WrapRequest.document(policy, "policy", &descriptors)
        var documents: [JSON] = []
        for include in includes { documents.append(try WrapRequest.document(include, "includes", &descriptors)) }
        let given = inputs.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, JSON.string($0.value)) }
        return [("policy", policy), ("includes", .array(documents)), ("inputs", .object(JSONObject(given)))]
    }
}
