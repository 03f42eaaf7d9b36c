public import StrictJSON

extension KernelPlan {
    /// The whole plan; its canonical form is what is digested. Of `user` only the kind is named: which uid a session gets is decided at launch.
    public var json: JSON {
        var object: JSONObject = JSONObject([
            ("custody", .string(custody.rawValue)),
            ("user", .string(user.kind)),
            ("landlock", landlock.json),
            ("seccomp", .array(seccomp.groups.map(\.json))),
        ])
        if let cgroup { object["cgroup"] = cgroup.json }
        object["launchesOnce"] = .bool(launchesOnce)
        object["trials"] = .array(trials.map { .string($0.text) })
        return .object(object)
    }
}

extension UserPlan {
    /// `session` or `caller`.
    public var kind: String {
        switch self {
        case .session: "session"
        case .caller: "caller"
        }
    }
}

extension LandlockPlan {
    var json: JSON {
        var object = JSONObject([
            ("abi", .number(JSONNumber(Int64(abi)))),
            ("handledFiles", .array(handledFiles.names.map { .string($0) })),
            ("paths", .array(paths.map(\.json))),
        ])
        if let connectPorts { object["connectPorts"] = .array(connectPorts.map { .number(JSONNumber(Int64($0))) }) }
        object["scoped"] = .bool(isScoped)
        return .object(object)
    }
}

extension LandlockPathRule {
    var json: JSON {
        // Inode numbers may exceed what canonical JSON carries as a number.
        ["path": .string(path), "inode": .string("\(device):\(inode)"), "rights": .array(rights.names.map { .string($0) })]
    }
}

extension SeccompGroup {
    var json: JSON { ["name": .string(name), "rules": .array(rules.map { .string($0.text) })] }
}

extension CgroupPlan {
    var json: JSON {
        switch tcp {
        case .none: ["tcp": "none"]
        case .any: ["tcp": "any"]
        case .list(let table): ["tcp": .array((table.entries.map(\.text) + table.regions.map(\.text)).map { .string($0) })]
        }
    }
}
