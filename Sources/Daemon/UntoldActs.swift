import Evidence
import Kernel
import Policy
import StrictJSON

/// What Landlock denied a session and no receipt says yet. A server must not be able to fill the log, nor memory: a few kinds at a time are told
/// one by one, and of the rest their number, as the gate does with what programs deny.
struct UntoldActs: Sendable, Hashable {
    /// Equal acts, counted together; times are milliseconds of CLOCK_REALTIME.
    struct Group: Sendable, Hashable {
        let act: LandlockAct
        var count: Int
        var first: UInt64
        var last: UInt64
    }

    private(set) var groups: [Group] = []
    /// Acts of further kinds.
    private(set) var others = 0

    /// So many kinds have a receipt of their own each time; the rest share one.
    static let individuallyTold = 8

    var isEmpty: Bool { groups.isEmpty }

    mutating func add(_ denial: LandlockRecord.Denial) {
        if let index = groups.firstIndex(where: { $0.act == denial.act }) {
            groups[index].count += 1
            groups[index].first = min(groups[index].first, denial.time)
            groups[index].last = max(groups[index].last, denial.time)
        } else if groups.count < Self.individuallyTold {
            groups.append(Group(act: denial.act, count: 1, first: denial.time, last: denial.time))
        } else {
            others += 1
        }
    }

    /// Bodies of receipts; nothing is left.
    mutating func take() -> [JSONObject] {
        var bodies = groups.map(\.members)
        if others > 0 { bodies.append(LandlockAct.statement(["count": JSON(others), "others": true])) }
        self = UntoldActs()
        return bodies
    }
}

extension UntoldActs.Group {
    fileprivate var members: JSONObject {
        var members = act.members
        members["count"] = JSON(count)
        members["since"] = JSON(Int64(clamping: first))
        members["until"] = JSON(Int64(clamping: last))
        return LandlockAct.statement(members)
    }
}

extension LandlockAct {
    /// What all receipts of Landlock's denials say: the kernel saw it, and not during which call.
    static func statement(_ members: JSONObject) -> JSONObject {
        var members = members
        members["attribution"] = "absent"
        members["claim"] = "observed"
        members["mechanism"] = "landlock"
        return members
    }

    /// Members of a receipt.
    fileprivate var members: JSONObject {
        var members: JSONObject = ["blockers": .array(blockers.map { .string($0) })]
        switch object {
        case .other: break
        case .file(let path, let device, let inode):
            members.set("path", path)
            if path == nil { members["pathTooLong"] = true }
            members.set("device", device)
            // Inode numbers may exceed what canonical JSON carries as a number.
            members["inode"] = .string("\(inode)")
        case .peer(let address, let port): members.set(address, port, isOwn: false, isTCP: blockers == ["net.connect_tcp"])
        case .own(let address, let port): members.set(address, port, isOwn: true, isTCP: blockers == ["net.bind_tcp"])
        }
        return members
    }
}

extension JSONObject {
    /// As text where it is text, else as hexadecimal digits under another name.
    fileprivate mutating func set(_ name: String, _ bytes: [UInt8]?) {
        guard let bytes else { return }
        if let text = String(validating: bytes, as: UTF8.self) {
            self[name] = .string(text)
        } else {
            self[name + "Bytes"] = .string(Hex.encode(bytes))
        }
    }

    /// Without an address where it is the unspecified one.
    fileprivate mutating func set(_ address: IPAddress?, _ port: UInt16, isOwn: Bool, isTCP: Bool) {
        if let address { self["address"] = .string("\(address.unmapped)") }
        self["port"] = JSON(Int(port))
        if isOwn { self["own"] = true }
        if isTCP { self["transport"] = "tcp" }
    }
}
