public import Descriptors
public import KernelPlan
import StrictJSON

/// A session that runs.
/// Frozen, so that other targets may move the lifeline out.
@frozen public struct WrapReply: ~Copyable {
    public var session: String
    /// Tells how the server ended; closing it ends the session.
    public var lifeline: OwnedDescriptor
    /// Who keeps the record.
    public var custody: Custody
    /// Where the daemon found its prober; nil unless the session is a proof.
    public var prober: String?

    /// The listener of a server that is observed (seccomp_unotify(2)): each call that it tells waits until it is continued, and fails when this is closed.
    public var observer: OwnedDescriptor?

    public init(
        session: String, lifeline: consuming OwnedDescriptor, custody: Custody, prober: String? = nil,
        observer: consuming OwnedDescriptor? = nil
    ) {
        self.session = session
        self.lifeline = lifeline
        self.custody = custody
        self.prober = prober
        self.observer = observer
    }

    public consuming func encode() -> ControlMessage {
        var parameters = JSONObject([
            ("session", .string(session)), ("lifeline", 0), ("custody", .string(custody.rawValue)),
            ("prober", prober.map(JSON.string) ?? .null), ("observer", .null),
        ])
        var descriptors = DescriptorList()
        descriptors.append(lifeline)
        if let observer {
            parameters["observer"] = 1
            descriptors.append(observer)
        }
        return ControlMessage(parameters, descriptors: descriptors)
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        var reply = reply
        guard let session = reply.parameters["session"]?.string,
            let custody = reply.parameters["custody"]?.string.flatMap(Custody.init(rawValue:)),
            let prober = reply.parameters["prober"], prober.isNull || prober.string != nil,
            let index = reply.parameters["lifeline"]?.int64, let lifeline = reply.descriptors.take(Int(truncatingIfNeeded: index))
        else { throw .violation(.malformed) }
        var observer: OwnedDescriptor?
        // An earlier sandboxd says nothing of it.
        if let told = reply.parameters["observer"], !told.isNull {
            guard let index = told.int64, let taken = reply.descriptors.take(Int(truncatingIfNeeded: index)) else {
                throw .violation(.malformed)
            }
            observer = consume taken
        }
        self.init(session: session, lifeline: lifeline, custody: custody, prober: prober.string, observer: observer)
    }
}
