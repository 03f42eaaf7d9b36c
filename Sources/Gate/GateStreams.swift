import SessionProtocol

/// The numbers of a gate's streams.
struct GateStreams {
    var fromClient: Int32
    var toClient: Int32
    var people: Int32
    var toServer: Int32
    var fromServer: Int32
    var serverErrors: Int32
    /// A pidfd; its readiness is an end.
    var keeper: Int32
    /// Messages with the daemon; nil where there is none to ask.
    var session: Int32?

    /// What `GateDescriptor` says.
    static let inherited = GateStreams(
        fromClient: GateDescriptor.fromClient.rawValue, toClient: GateDescriptor.toClient.rawValue, people: GateDescriptor.people.rawValue,
        toServer: GateDescriptor.toServer.rawValue, fromServer: GateDescriptor.fromServer.rawValue,
        serverErrors: GateDescriptor.serverErrors.rawValue, keeper: GateDescriptor.keeper.rawValue,
        session: GateDescriptor.session.rawValue)
}
