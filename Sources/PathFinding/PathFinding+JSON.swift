public import Policy
public import StrictJSON

/// The form in which facts cross from the finder to the daemon.
extension PathFinding {
    public var json: JSON {
        switch self {
        case .found(let facts): ["found": facts.json]
        case .failed(let error, let component): ["error": .string(error), "component": .string(component)]
        case .timedOut: ["error": "timed out", "component": ""]
        }
    }

    public init?(json: JSON) {
        if let found = json["found"] {
            guard let facts = PathFacts(json: found) else { return nil }
            self = .found(facts)
        } else {
            guard let error = json["error"]?.string, let component = json["component"]?.string else { return nil }
            self = .failed(error: error, component: component)
        }
    }
}

extension PathFacts {
    var json: JSON {
        [
            "resolved": .string(resolved), "kind": .string(kind.rawValue), "device": .text(device), "inode": .text(inode),
            "links": .text(linkCount),
            "owner": JSON(Int(owner)), "group": JSON(Int(group)), "mode": JSON(Int(mode)), "filesystem": .text(filesystem),
            "followed": .array(links.map(\.json)), "ancestors": .array(ancestors.map(\.json)),
        ]
    }

    init?(json: JSON) {
        guard let resolved = json["resolved"]?.string, let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let device = json["device"]?.unsigned, let inode = json["inode"]?.unsigned, let linkCount = json["links"]?.unsigned,
            let owner = json["owner"]?.small, let group = json["group"]?.small, let mode = json["mode"]?.small,
            let filesystem = json["filesystem"]?.unsigned, let links = json["followed"]?.array?.all(FollowedLink.init(json:)),
            let ancestors = json["ancestors"]?.array?.all(Ancestor.init(json:))
        else { return nil }
        self.init(
            resolved: resolved, kind: kind, device: device, inode: inode, linkCount: linkCount, owner: owner, group: group, mode: mode,
            links: links,
            ancestors: ancestors, filesystem: filesystem)
    }
}

extension FollowedLink {
    var json: JSON { ["path": .string(path), "target": .string(target), "holder": holder.json] }

    init?(json: JSON) {
        guard let path = json["path"]?.string, let target = json["target"]?.string,
            let holder = json["holder"].flatMap(Ancestor.init(json:))
        else { return nil }
        self.init(path: path, target: target, holder: holder)
    }
}

extension Ancestor {
    var json: JSON { ["path": .string(path), "owner": JSON(Int(owner)), "group": JSON(Int(group)), "mode": JSON(Int(mode))] }

    init?(json: JSON) {
        guard let path = json["path"]?.string, let owner = json["owner"]?.small, let group = json["group"]?.small,
            let mode = json["mode"]?.small
        else { return nil }
        self.init(path: path, owner: owner, group: group, mode: mode)
    }
}

extension FoundNameservers {
    public var json: JSON {
        [
            "addresses": .array(addresses.map { .string($0.description) }), "leftOut": .array(leftOut.map { .string($0) }),
            "error": error.map { .string($0) } ?? .null,
        ]
    }

    public init?(json: JSON) {
        let address = { (json: JSON) in json.string.flatMap { IPAddress($0) } }
        guard let addresses = json["addresses"]?.array?.all(address), let leftOut = json["leftOut"]?.array?.all(\.string) else {
            return nil
        }
        self.init(addresses: addresses, leftOut: leftOut, error: json["error"]?.string)
    }
}

extension JSON {
    /// 64 bits do not fit a JSON number.
    fileprivate static func text(_ value: UInt64) -> JSON { .string(String(value)) }

    fileprivate var unsigned: UInt64? { string.flatMap { UInt64($0) } }

    fileprivate var small: UInt32? { int64.flatMap { UInt32(exactly: $0) } }
}

extension Array where Element == JSON {
    /// Every element, or `nil` when one cannot be read.
    func all<Value>(_ read: (JSON) -> Value?) -> [Value]? {
        let values = compactMap(read)
        return values.count == count ? values : nil
    }
}
