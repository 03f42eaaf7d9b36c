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

    func listPins(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            perform(.pins(ofCaller: peer.only), for: connection) { pins in connection.reply(Self.list(pins)) }
        } catch {
            connection.fail(error)
        }
    }

    private static func list(_ pins: [Pin]) -> ControlMessage {
        var listed: [JSON] = []
        var bytes = 0, omitted = 0
        // What awaits a review comes first, so that nobody can hide it behind many others.
        for pin in pins.filter(\.awaitsReview) + pins.filter({ !$0.awaitsReview }) {
            let json = PinSummary(pin).json
            bytes += json.encoded().count
            if bytes <= listLimit { listed.append(json) } else { omitted += 1 }
        }
        return ControlMessage(JSONObject([("pins", .array(listed)), ("omitted", JSON(omitted))]))
    }

    func answerPin(
        _ connection: ControlConnection, _ method: ControlInterface.Method, _ call: borrowing ControlCall, _ peer: Peer
    ) {
        do throws(ControlError) {
            let id = try PinParameters(call).pin
            let caller = peer.only
            switch method {
            case .acceptPin: review(.accept(id, ofCaller: caller, by: peer.user), id, "pin-accepted", connection, peer)
            case .rejectPin: review(.reject(id, ofCaller: caller), id, "pin-rejected", connection, peer)
            default:
                perform(.pins(ofCaller: caller), for: connection) { pins in
                    guard let pin = pins.first(where: { $0.id == id }) else { return connection.fail(.noSuchPin(id)) }
                    connection.reply(
                        ControlMessage(
                            JSONObject([
                                ("pin", PinSummary(pin).json), ("accepted", Self.text(pin.accepted)), ("told", Self.text(pin.told)),
                            ])))
                }
            }
        } catch {
            connection.fail(error)
        }
    }

    private func review(
        _ transaction: Transaction<Pin?>, _ id: String, _ event: String, _ connection: ControlConnection, _ peer: Peer
    ) {
        perform(transaction, for: connection) { [weak self] found in
            guard let pin = found else { return connection.fail(.noSuchPin(id)) }
            self?.note(event, pin, peer)
            connection.reply(ControlMessage(JSONObject([("pin", PinSummary(pin).json)])))
        }
    }

    private static func text(_ definition: [UInt8]?) -> JSON { definition.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null }

    private func note(_ event: String, _ pin: Pin, _ peer: Peer) {
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
