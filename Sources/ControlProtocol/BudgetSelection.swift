import Descriptors
import StrictJSON

/// Which budgets are to start anew: those that all that is given names.
public struct BudgetSelection: Sendable, Hashable {
    public var caller: UInt32?
    /// The name of the policy or layer.
    public var document: String?
    public var budget: String?

    public init(caller: UInt32? = nil, document: String? = nil, budget: String? = nil) {
        self.caller = caller
        self.document = document
        self.budget = budget
    }

    public init(_ call: borrowing ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        caller = try reader.optionalInteger("caller")
        document = try reader.optionalString("document")
        budget = try reader.optionalString("budget")
        try reader.finish()
    }

    public func encode() -> ControlMessage {
        ControlMessage(
            JSONObject([
                ("caller", caller.map { JSON(Int($0)) } ?? .null), ("document", document.map(JSON.string) ?? .null),
                ("budget", budget.map(JSON.string) ?? .null),
            ]))
    }
}
