import ControlProtocol
import Descriptors
import Evidence
import KernelPlan
import Store
import StrictJSON

/// Pins over the control API. They guard whoever runs the client, and so are theirs to review, or root's.
extension Daemon {
    /// Bytes of a reply that lists.
    private static let listLimit = 256 << 10

    func listPins(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: PeerCredentials) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            let caller = reviewed(by: peer)
            let pins = try stored { store throws(StoreError) in try store.pins(ofCaller: caller) }
            var listed: [JSON] = []
            var bytes = 0, omitted = 0
            // What awaits a review comes first, so that nobody can hide it behind many others.
            for pin in pins.filter(\.awaitsReview) + pins.filter({ !$0.awaitsReview }) {
                let json = PinSummary(pin).json
                bytes += json.encoded().count
                if bytes <= Self.listLimit { listed.append(json) } else { omitted += 1 }
            }
            connection.reply(ControlMessage(JSONObject([("pins", .array(listed)), ("omitted", JSON(omitted))])))
        } catch {
            connection.fail(error)
        }
    }

    func answerPin(
        _ connection: ControlConnection, _ method: ControlInterface.Method, _ call: borrowing ControlCall, _ peer: PeerCredentials
    ) {
        do throws(ControlError) {
            let id = try PinParameters(call).pin
            let caller = reviewed(by: peer)
            switch method {
            case .acceptPin:
                let pin = try found(id) { store throws(StoreError) in
                    try store.accept(id, ofCaller: caller, by: peer.user, now: Int64(Clock.realtime / 1_000_000_000))
                }
                note("pin-accepted", pin, peer)
                connection.reply(ControlMessage(JSONObject([("pin", PinSummary(pin).json)])))
            case .rejectPin:
                let pin = try found(id) { store throws(StoreError) in try store.reject(id, ofCaller: caller) }
                note("pin-rejected", pin, peer)
                connection.reply(ControlMessage(JSONObject([("pin", PinSummary(pin).json)])))
            default:
                let pin = try found(id) { store throws(StoreError) in try store.pins(ofCaller: caller).first { $0.id == id } }
                connection.reply(
                    ControlMessage(
                        JSONObject([
                            ("pin", PinSummary(pin).json), ("accepted", Self.text(pin.accepted)), ("told", Self.text(pin.told)),
                        ])))
            }
        } catch {
            connection.fail(error)
        }
    }

    /// Whose pins a peer sees; nil for everybody's.
    private func reviewed(by peer: PeerCredentials) -> UInt32? { peer.user == 0 && custody == .daemon ? nil : peer.user }

    private func found(_ id: String, _ body: (Store) throws(StoreError) -> Pin?) throws(ControlError) -> Pin {
        guard let pin = try stored(body) else { throw .noSuchPin(id) }
        return pin
    }

    private static func text(_ definition: [UInt8]?) -> JSON { definition.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null }

    private func note(_ event: String, _ pin: Pin, _ peer: PeerCredentials) {
        let owner = pin.key.owner
        record(
            .lifecycle,
            [
                "event": .string(event), "by": JSON(Int(peer.user)), "caller": JSON(Int(owner.caller)), "policy": .string(owner.policy),
                "server": .string(owner.server), "kind": .string(pin.key.kind), "name": .string(pin.key.name),
                "definition": .string("sha256:" + SHA256.digest((event == "pin-accepted" ? pin.accepted : pin.told) ?? []).hex),
            ], nil)
    }
}

extension PinSummary {
    fileprivate init(_ pin: Pin) {
        let state: State =
            if pin.told == nil { .accepted } else if pin.isRejected { .rejected } else { pin.accepted == nil ? .unreviewed : .drifted }
        let owner = pin.key.owner
        self.init(
            id: pin.id, caller: owner.caller, policy: owner.policy, server: owner.server, kind: pin.key.kind, name: pin.key.name,
            state: state,
            accepted: pin.acceptedAt, by: pin.acceptedBy, told: pin.toldAt)
    }
}
