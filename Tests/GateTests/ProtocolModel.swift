import MCP

/// The protocol at its plainest, without bytes: who may say what when, and who must hear of it. Written to be read, and to be held
/// against the gate.
struct ProtocolModel {
    /// What a side writes.
    indirect enum Act: Hashable {
        /// A request of the client, or a ping of the server.
        case ask(String, Request)
        case answer(String, isError: Bool)
        case cancel(String)
        /// Something that is no message.
        case rubbish
        case batch([Act])
    }

    enum Request: Hashable, CaseIterable { case allowed, denied, list, unknown }

    /// What the other side, or the same, is to see of it.
    enum Sight: Hashable {
        case asked(String)
        case answered(String, isError: Bool)
        case cancelled(String)
        /// The gate's own answer; nil: to nobody in particular.
        case refused(String?)
        case array([Sight])
    }

    struct Sights: Hashable {
        var toServer: [Sight] = []
        var toClient: [Sight] = []
    }

    /// A request that is not answered, and where in which batch its answer belongs.
    private struct Waiting {
        var isCancelled = false
        var place: (batch: Int, member: Int)?
    }

    let version: ProtocolVersion
    private var waiting: [Side: [String: Waiting]] = [.client: [:], .server: [:]]
    /// Who sent the batch, what is there, and how many are missing.
    private var batches: [Int: (side: Side, answers: [Int: Sight], missing: Int)] = [:]
    private var batchCount = 0

    init(_ version: ProtocolVersion) { self.version = version }

    private var takesBatches: Bool { version == .march2025 }
    private static let mostBatches = 8

    mutating func act(_ side: Side, _ act: Act) -> Sights {
        var sights = Sights()
        if case .batch(let members) = act {
            batch(side, members, &sights)
        } else {
            single(side, act, nil, &sights)
        }
        release(&sights)
        return sights
    }

    private mutating func batch(_ side: Side, _ members: [Act], _ sights: inout Sights) {
        guard takesBatches, !members.isEmpty, batches.count < Self.mostBatches else { return refuseBatch(side, members, &sights) }
        batchCount += 1
        batches[batchCount] = (side, [:], 0)
        for (index, member) in members.enumerated() { single(side, member, (batchCount, index), &sights) }
    }

    private mutating func refuseBatch(_ side: Side, _ members: [Act], _ sights: inout Sights) {
        var told: Set<String> = []
        for member in members {
            switch member {
            case .ask(let id, _) where waiting[side]?[id] == nil && told.insert(id).inserted: tell(side, .refused(id), nil, &sights)
            case .answer(let id, _):
                guard let asked = waiting[side.other]?.removeValue(forKey: id), !asked.isCancelled else { continue }
                if let place = asked.place { batches[place.batch]?.missing -= 1 }
                tell(side.other, .refused(id), asked.place, &sights)
            case .ask, .cancel, .rubbish, .batch: continue
            }
        }
        if side == .client && told.isEmpty { tell(side, .refused(nil), nil, &sights) }
    }

    private mutating func single(_ side: Side, _ act: Act, _ place: (batch: Int, member: Int)?, _ sights: inout Sights) {
        switch act {
        case .ask(let id, let request): ask(side, id, request, place, &sights)
        case .answer(let id, let isError):
            guard let asked = waiting[side.other]?.removeValue(forKey: id), !asked.isCancelled else { return }
            if let place = asked.place { batches[place.batch]?.missing -= 1 }
            tell(side.other, .answered(id, isError: isError), asked.place, &sights)
        case .cancel(let id):
            guard let asked = waiting[side]?[id], !asked.isCancelled else { return }
            if let place = asked.place { batches[place.batch]?.missing -= 1 }
            waiting[side]?[id] = Waiting(isCancelled: true)
            tell(side.other, .cancelled(id), nil, &sights)
        case .rubbish, .batch:
            // A server that writes rubbish is not told.
            if side == .client { tell(side, .refused(nil), place, &sights) }
        }
    }

    private mutating func ask(
        _ side: Side, _ id: String, _ request: Request, _ place: (batch: Int, member: Int)?, _ sights: inout Sights
    ) {
        guard waiting[side]?[id] == nil else { return tell(side, .refused(nil), place, &sights) }
        let passes = side == .client ? request == .allowed || request == .list : version.era == .legacy && request == .allowed
        guard passes else { return tell(side, .refused(id), place, &sights) }
        waiting[side]?[id] = Waiting(place: place)
        if let place { batches[place.batch]?.missing += 1 }
        tell(side.other, .asked(id), nil, &sights)
    }

    /// Says it at once, or in its place in a batch.
    private mutating func tell(_ side: Side, _ sight: Sight, _ place: (batch: Int, member: Int)?, _ sights: inout Sights) {
        if let place {
            batches[place.batch]?.answers[place.member] = sight
        } else {
            side == .client ? sights.toClient.append(sight) : sights.toServer.append(sight)
        }
    }

    private mutating func release(_ sights: inout Sights) {
        for number in batches.filter({ $0.value.missing == 0 }).keys.sorted() {
            guard let batch = batches.removeValue(forKey: number), !batch.answers.isEmpty else { continue }
            let array = Sight.array(batch.answers.sorted { $0.key < $1.key }.map(\.value))
            batch.side == .client ? sights.toClient.append(array) : sights.toServer.append(array)
        }
    }
}

extension Side {
    var other: Side { self == .client ? .server : .client }
}
