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
        if let mounts { object["mounts"] = mounts.json }
        if hasEmptyNetwork { object["emptyNetwork"] = true }
        if let doorPort { object["door"] = .string("\(NameDoor.address):\(doorPort)") }
        if !limits.isEmpty { object["limits"] = limits.json }
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
        if !mounted.isEmpty { object["mounted"] = .array(mounted.map(\.json)) }
        object["scopes"] = .array(scopes.names.map { .string($0) })
        if isAudited { object["audited"] = true }
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

extension LandlockMountRule {
    var json: JSON { ["path": .string(path), "rights": .array(rights.names.map { .string($0) })] }
}

extension CgroupPlan {
    var json: JSON {
        var object = JSONObject([
            ("hooks", .array(hooks.map { .string($0.rawValue) })), ("tcp", tcp.json), ("udp", udp.json), ("own", own.json),
        ])
        if !unix.isEmpty { object["unix"] = .array(unix.map(\.json)) }
        if hooks.contains(.execute) {
            object["executed"] = .array(executed.map(\.json))
            object["executesOnce"] = .bool(executesOnce)
        }
        return .object(object)
    }
}

extension CgroupPlan.Endpoints {
    fileprivate var json: JSON {
        switch self {
        case .none: "none"
        case .any: "any"
        case .list(let table): .array((table.entries.map(\.text) + table.regions.map(\.text)).map { .string($0) })
        }
    }
}

extension InodeRule {
    fileprivate var json: JSON { ["path": .string(path), "inode": .string("\(device):\(inode)")] }
}

extension MountPlan.Place {
    fileprivate var json: JSON { ["path": .string(path), "inode": .string("\(device):\(inode)")] }
}

extension MountPlan {
    fileprivate var json: JSON {
        var object = JSONObject()
        if let only { object["only"] = .array(only.map(\.json)) }
        if let lent {
            object["lent"] = ["uid": JSON(Int(lent.uid)), "gid": JSON(Int(lent.gid)), "places": .array(lent.places.map(\.json))]
        }
        if !links.isEmpty { object["links"] = .array(links.map { ["path": .string($0.path), "target": .string($0.target)] }) }
        for (name, paths) in [("readOnly", readOnly), ("pinned", pinned), ("temporary", temporary)] where !paths.isEmpty {
            object[name] = .array(paths.map { .string($0) })
        }
        if hasOwnProc { object["ownProc"] = true }
        return .object(object)
    }
}

extension ResourceLimits {
    fileprivate var json: JSON {
        var object = JSONObject()
        for (name, value) in [("tasks", tasks), ("memory", memory), ("cpu", cpu)] {
            // As text: what a digest covers holds no number beyond 2^53.
            if let value { object[name] = .string("\(value)") }
        }
        return .object(object)
    }
}
