import Descriptors
import Evidence
import Kernel
import KernelPlan
import SessionProtocol
import Store
import StrictJSON

/// What this session's server says of itself.
extension Session {
    private var pinOwner: PinOwner { PinOwner(caller: caller.uid, policy: definitions.policy, server: serverName) }

    /// Holds a definition against what was accepted of this server.
    func judge(_ definition: ToldDefinition, _ number: Int64) {
        guard definitions.mode != .off else { return answerGate(number, .failed("no definitions are held to anything in this session")) }
        let key = PinKey(pinOwner, kind: definition.kind.rawValue, name: definition.name)
        do throws(StoreError) {
            let answer = try daemon.storeKeeper.use { store throws(StoreError) in
                try store.judge(
                    key, Array(definition.definition.utf8), acceptsFirst: definitions.mode == .firstSeen,
                    now: Int64(Clock.realtime / 1_000_000_000))
            }
            switch answer {
            case .accepted: answerGate(number, .pinned)
            case .differs: answerGate(number, .drifted)
            case .tooMany: answerGate(number, .failed("more definitions than are kept"))
            }
        } catch {
            record(.lifecycle, ["event": "store-unavailable", "problem": .string(error.text)])
            answerGate(number, .failed(error.text))
        }
    }

    /// What the gate need not ask about.
    func gatePins() throws(LaunchFailure) -> GateStart.Pins {
        guard definitions.mode != .off else { return .off }
        do throws(StoreError) {
            let known = try daemon.storeKeeper.use { store throws(StoreError) in
                try store.acceptedDigests(of: pinOwner, acceptsFirst: definitions.mode == .firstSeen)
            }
            let told = known.compactMap { one in
                ToldDefinition.Kind(rawValue: one.kind).map { GateStart.Pins.Definition($0, name: one.name, digest: one.digest?.bytes) }
            }
            return GateStart.Pins(definitions.mode, told)
        } catch {
            throw LaunchFailure(.launchGate, nil, "the store: \(error.text)")
        }
    }
}
