import Decision
import Evidence
import MCP
import SessionProtocol
import StrictJSON

/// What the server says of itself, held against what was accepted.
///
/// INVARIANT: a result that shows a definition reaches the client only once the daemon, now or at the start, has called it accepted; what is
/// not accepted is taken out.
extension GateState {
    /// Keeps a result back while the daemon is asked about definitions in it; false when all of them are decided.
    mutating func waitsForPins(
        _ id: RequestID, _ pending: Pending, _ result: JSONNode, _ size: Int, _ now: UInt64, _ turn: inout GateTurn
    ) -> Bool {
        guard pins.mode != .off else { return false }
        var page = Pins.Page(pending: pending, line: [], size: size)
        guard ask(about: result, of: &page, now, &turn) else { return false }
        guard pins.hasRoom(for: size) else { return false }
        pins.keep(id, Pins.Page(pending: pending, line: tape.encoded(), size: size, asked: page.asked, answered: page.answered))
        return true
    }

    /// Asks about what is not decided, as much as may be asked at a time; false when nothing is left to wait for.
    private mutating func ask(about result: JSONNode, of page: inout Pins.Page, _ now: UInt64, _ turn: inout GateTurn) -> Bool {
        var waits = false
        for (name, node) in definitions(page.pending.method, result) {
            guard page.asked.count - page.answered.count < Pins.openLimit else { return true }
            let (definition, text) = definition(name, node)
            if pins.isKnown(definition) || page.answered.contains(definition) { continue }
            if page.asked.contains(definition) {
                waits = true
                continue
            }
            page.asked.insert(definition)
            if pins.open.contains(definition) || tell(definition, text, now, &turn) {
                waits = true
            } else {
                page.answered.insert(definition)
            }
        }
        return waits
    }

    /// False when it cannot be asked about, and so is quarantined.
    private mutating func tell(_ definition: Pins.Definition, _ text: [UInt8], _ now: UInt64, _ turn: inout GateTurn) -> Bool {
        let told = ToldDefinition(
            definition.key.kind, name: String(decoding: definition.key.name, as: UTF8.self),
            definition: String(decoding: text, as: UTF8.self))
        guard text.count <= ToldDefinition.sizeLimit, GateRequest.pin(told).json.encoded().count < GateMessage.sizeLimit - 64 else {
            quarantine(definition, .oversizedDefinition, &turn)
            return false
        }
        guard ask(.pin(told), for: .definition(definition), now, &turn) != nil else {
            pins.suspend(definition.key, canRecord ? .tooManyPending : unrecordable)
            return false
        }
        // What is known to be another than the accepted one is not called while the daemon is asked.
        if let accepted = pins.acceptedDigest(definition.key), accepted != definition.digest {
            pins.suspend(definition.key, .driftedDefinition)
        }
        pins.ask(definition)
        return true
    }

    /// What the daemon says of a definition; nil when it is absent.
    mutating func settleDefinition(_ definition: Pins.Definition, _ answer: DaemonAnswer?, _ now: UInt64, _ turn: inout GateTurn) {
        switch answer {
        case .pinned?: pins.accept(definition)
        case .drifted?: quarantine(definition, pins.drift(definition.key), &turn)
        case nil: pins.suspend(definition.key, .daemonAbsent)
        case .failed?, .unavailable?, .held?, .granted?, .denied?, .expired?, .leased?, .exhausted?:
            pins.suspend(definition.key, canRecord ? .storeUnavailable : unrecordable)
        }
        for id in pins.answered(definition) { resume(id, now, &turn) }
    }

    /// A result has its answers: more is asked about, or it goes to the client.
    private mutating func resume(_ id: RequestID, _ now: UInt64, _ turn: inout GateTurn) {
        // It was written from a document that was read.
        guard var page = pins.remove(id), (try? tape.parse(page.line)) != nil, let result = tape.member("result", of: .root) else { return }
        if ask(about: result, of: &page, now, &turn) { return pins.keep(id, page) }
        respond(id, page.pending, result, nil, page.size, now, &turn)
    }

    private mutating func quarantine(_ definition: Pins.Definition, _ reason: BlockReason, _ turn: inout GateTurn) {
        guard pins.quarantine(definition, reason) else { return }
        let kind = definition.key.kind
        var body = JSONObject([
            ("kind", .string(kind.rawValue)), ("name", .string(ClippedText.text(definition.key.name))), ("reason", .string(reason.code)),
            ("told", .string("sha256:" + Hex.encode(definition.digest))),
        ])
        body["accepted"] = pins.acceptedDigest(definition.key).map { .string("sha256:" + Hex.encode($0)) } ?? .null
        record(.drift, body, &turn)
        let subject = kind == .instructions ? "the server's instructions" : "the \(kind.words) `\(ClippedText.text(definition.key.name))`"
        say("\(subject): \(reason.summary); sandboxctl pins review", &turn)
    }

    // MARK: Definitions of a result

    /// The name and the node of each definition that a client would be shown.
    private func definitions(_ method: Method, _ result: JSONNode) -> [(Pins.Key, JSONNode)] {
        if method == .initialize || method == .discover {
            return instructions(result).map { [(Pins.Key(kind: .instructions, name: []), tape.value(of: $0))] } ?? []
        }
        guard let listing = Listing(method), let kind = listing.pinned else { return [] }
        return elements(listing.items, of: result).compactMap { item in
            guard let name = bytes(of: tape.member(listing.name, of: item)), isPermitted(name, listing) else { return nil }
            return (Pins.Key(kind: kind, name: name), item)
        }
    }

    private func elements(_ name: StaticString, of result: JSONNode) -> [JSONNode] {
        guard let list = tape.member(name, of: result), tape.kind(of: list) == .array else { return [] }
        var found: [JSONNode] = []
        var cursor = tape.firstChild(of: list)
        while let item = cursor {
            found.append(item)
            cursor = tape.nextElement(after: item)
        }
        return found
    }

    /// The member's name.
    private func instructions(_ result: JSONNode) -> JSONNode? {
        guard tape.kind(of: result) == .object else { return nil }
        var cursor = tape.firstChild(of: result)
        while let name = cursor {
            if tape.isString(name, "instructions") { return name }
            cursor = tape.nextName(after: name)
        }
        return nil
    }

    /// All of it, unknown members too: canonical, or as it is sent where a number has no canonical form.
    private mutating func definition(_ key: Pins.Key, _ node: JSONNode) -> (Pins.Definition, [UInt8]) {
        var text: [UInt8] = []
        do { try tape.canonicalize(node, into: &text) } catch { tape.encode(node, into: &text) }
        text.withUnsafeBytes { digest.update($0) }
        return (Pins.Definition(key: key, digest: digest.finish().bytes), text)
    }

    /// Whether a client may be shown it.
    mutating func isAccepted(_ key: Pins.Key, _ node: JSONNode) -> Bool {
        pins.mode == .off || !pins.isQuarantined(key) && pins.isKnown(definition(key, node).0)
    }

    /// What is taken out of a server's first words.
    mutating func unaccepted(_ method: Method, in result: JSONNode) -> [JSONEdit] {
        guard let name = instructions(result), !isAccepted(Pins.Key(kind: .instructions, name: []), tape.value(of: name)) else { return [] }
        return [JSONEdit(name, .remove)]
    }

    // MARK: Ends

    /// The client wants the result no more.
    mutating func dropPage(_ id: RequestID, _ input: Input, _ turn: inout GateTurn) {
        if var page = pins.remove(id), let slot = page.pending.cancel() { batches.drop(slot) }
        block(input, .takenBack, &turn)
    }

    /// Nobody is waited for any more: what is not decided is taken out.
    mutating func endPages(_ now: UInt64, _ turn: inout GateTurn) {
        for id in pins.inOrder {
            guard let page = pins.remove(id), (try? tape.parse(page.line)) != nil, let result = tape.member("result", of: .root) else {
                continue
            }
            respond(id, page.pending, result, nil, page.size, now, &turn)
        }
    }
}

extension ToldDefinition.Kind {
    var words: String {
        switch self {
        case .tool: "tool"
        case .prompt: "prompt"
        case .resourceTemplate: "resource template"
        case .instructions: "instructions"
        }
    }
}
