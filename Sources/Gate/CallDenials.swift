import SessionProtocol
import StrictJSON

/// What the kernel denied while a call was in flight.
struct CallDenials {
    /// What one receipt says of one kind of act.
    private struct Told {
        let number: UInt64
        let denial: CountedDenial
        let isOwn: Bool
    }

    private var told: [Told] = []
    /// Beyond those that are listed.
    private var unlisted = 0

    private static let listed = 32
    /// So many kinds of acts are named to the model.
    private static let named = 8

    var isEmpty: Bool { told.isEmpty }

    /// `isOwn`: it was the only call in flight.
    mutating func add(_ number: UInt64, _ denial: CountedDenial, isOwn: Bool) {
        guard told.count < Self.listed else {
            unlisted += 1
            return
        }
        told.append(Told(number: number, denial: denial, isOwn: isOwn))
    }

    mutating func remove(after lastNumber: UInt64) { told.removeAll { $0.number > lastNumber } }

    /// For the receipt of the outcome: the numbers of those receipts in the spool.
    var json: JSON {
        var numbers: [UInt64] = []
        for one in told where numbers.last != one.number { numbers.append(one.number) }
        var members: JSONObject = ["receipts": .array(numbers.map { JSON(Int64(clamping: $0)) })]
        if unlisted > 0 { members["unlisted"] = JSON(unlisted) }
        return .object(members)
    }

    /// What the model is told of those that are held to be the call's own; `nil` where there is none.
    var note: String? {
        let kinds = ownKinds
        guard !kinds.isEmpty else { return nil }
        let acts = kinds.prefix(Self.named).map(\.words) + (kinds.count > Self.named || unlisted > 0 ? ["and more"] : [])
        return """
            sandboxd: while this was the only call in flight, the kernel denied the server: \(acts.joined(separator: "; ")). \
            The policy does not permit it, so the result above may be incomplete, and trying again will not help (inferred: \(Suspects.rule)).
            """
    }

    private var ownKinds: [CountedDenial] {
        var kinds: [CountedDenial] = []
        for one in told where one.isOwn {
            if let index = kinds.firstIndex(where: { $0.act == one.denial.act }) {
                kinds[index].add(one.denial)
            } else {
                kinds.append(one.denial)
            }
        }
        return kinds
    }
}
