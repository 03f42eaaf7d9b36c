import ControlProtocol
import KernelPlan
import StrictJSON

/// The sessions of several daemons, each with its keeper.
struct KeptSessions {
    struct Kept {
        let list: SessionList
        /// Where its daemon listens.
        let socket: String
    }

    private(set) var lists: [Kept] = []
    /// What some of them did not say.
    private(set) var problems: [(message: String, help: String?)]

    init(_ reached: ApprovalSource.Reached) {
        problems = reached.problems.map(\.words).map { ($0.message, $0.help) }
        for source in reached.sources {
            do throws(ControlCallFailure) {
                lists.append(Kept(list: try SessionList(try source.call(.listSessions)), socket: source.name))
            } catch {
                // A private daemon may end with its session between the two questions.
                if case .closed = error, source.name != DaemonChoice.systemSocket { continue }
                problems.append(("sandboxd at \(Escaping.quoted(source.name)) does not say which sessions it keeps: \(error.words)", nil))
            }
        }
    }

    var json: JSON {
        let sessions = lists.flatMap { kept in
            kept.list.sessions.map { session in
                var object = session.json.object ?? JSONObject()
                object["custody"] = .string(kept.list.custody.rawValue)
                object["process"] = JSON(Int(kept.list.process))
                object["socket"] = .string(kept.socket)
                return JSON.object(object)
            }
        }
        return ["sessions": .array(sessions), "omitted": JSON(lists.map(\.list.omitted).reduce(0, +))]
    }

    var text: String { lists.filter { !$0.list.sessions.isEmpty }.map(\.text).joined() }
}

extension KeptSessions.Kept {
    fileprivate var text: String {
        let lines = list.sessions.map { session in
            let client = session.client.map { ", started by \(Escaping.line($0.executable)) (process \($0.pid))" } ?? ""
            return
                "  \(Escaping.line(session.id))  \(Escaping.quoted(session.server)), \(session.state.rawValue), of uid \(session.caller)\(client)\n"
        }
        return "kept by \(keeper):\n" + lines.joined() + (list.omitted > 0 ? "  … and \(list.omitted) more\n" : "")
    }

    /// Who keeps them.
    var keeper: String {
        let kind = list.custody == .user ? "a private sandboxd" : "the system's sandboxd"
        return "\(kind) at \(Escaping.quoted(socket)), process \(list.process)"
    }
}
