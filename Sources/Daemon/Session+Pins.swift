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
        let told = Array(definition.definition.utf8)
        daemon.storeKeeper.perform(.judge(key, told, acceptsFirst: definitions.mode == .firstSeen)) { [weak self] result in
            switch result {
            case .success(.accepted): self?.answerGate(number, .pinned)
            case .success(.differs): self?.answerGate(number, .drifted)
            case .success(.tooMany): self?.answerGate(number, .failed("more definitions than are kept"))
            case .failure(let error): self?.storeFailed(error, number)
            }
        }
    }

    /// What the gate need not ask about.
    func gatePins() throws(LaunchFailure) -> GateStart.Pins {
        guard definitions.mode != .off else { return .off }
        do throws(StoreError) {
            let known = try daemon.storeKeeper.answer(.acceptedDigests(of: pinOwner, acceptsFirst: definitions.mode == .firstSeen))
            let told = known.compactMap { one in
                ToldDefinition.Kind(rawValue: one.kind).map { GateStart.Pins.Definition($0, name: one.name, digest: one.digest?.bytes) }
            }
            return GateStart.Pins(definitions.mode, told)
        } catch {
            throw LaunchFailure(.launchGate, nil, "the store: \(error.text)")
        }
    }
}
