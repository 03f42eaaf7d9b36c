import Policy

extension Compiler {
    /// Whether the server has a uid of its own. For root there is no other.
    var usesSessionUser: Bool { (policy.server.user?.value ?? (launch.caller.uid == 0 ? .session : .caller)) == .session }

    /// Whether processes outside of the session have its uid.
    var sharesUser: Bool { !usesSessionUser }

    var user: UserPlan {
        usesSessionUser ? .session : .caller(uid: launch.caller.uid, gid: launch.caller.gid, groups: launch.caller.groups)
    }

    /// Whose ordinary permissions count.
    var subject: Subject {
        guard usesSessionUser else {
            return Subject(name: "uid \(launch.caller.uid)", uid: launch.caller.uid, groups: [launch.caller.gid] + launch.caller.groups)
        }
        return .session(launch.sessionUID)
    }

    mutating func checkUser() {
        let location = policy.server.user?.location
        if usesSessionUser {
            if host.custody == .user {
                var facts = ["clause": "server.user: session", "mechanism": "a uid of the session's own"]
                if location == nil { facts["implied"] = "root" }
                refuse(.needsDaemon, at: location, facts)
            }
            if launch.sessionUID == 0 { refuse(.rootTarget, at: location, ["user": "session"]) }
        } else if launch.caller.uid == 0 {
            refuse(.rootTarget, at: location, ["user": "caller"])
        }
    }

    /// With the caller's uid, ordinary permissions would let it signal the caller's processes.
    func userNeeds() -> [Need] {
        guard sharesUser else { return [] }
        return [Need("server.user: caller", at: policy.server.user?.location, [Need.Way([.landlockScopes], .asGranted)])]
    }
}
