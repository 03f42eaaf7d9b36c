import ControlProtocol
import Descriptors
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
        ["sessions": .array(lists.flatMap(\.objects).map(JSON.object)), "omitted": JSON(lists.map(\.list.omitted).reduce(0, +))]
    }

    /// For people. Where there is a width, what does not fit into it is cut off.
    func text(_ width: Int?, _ style: Style) -> String {
        let lines = lists.filter { !$0.list.sessions.isEmpty }.flatMap { $0.lines(width, style) }
        return lines.isEmpty ? "no session runs\n" : lines.map { $0 + "\n" }.joined()
    }
}

extension KeptSessions.Kept {
    /// Each session with who keeps it.
    var objects: [JSONObject] {
        list.sessions.map { session in
            var object = session.json.object ?? JSONObject()
            object["custody"] = .string(list.custody.rawValue)
            object["process"] = JSON(Int(list.process))
            object["socket"] = .string(socket)
            return object
        }
    }

    fileprivate func lines(_ width: Int?, _ style: Style) -> [String] {
        let now = Int64(Clock.realtime / 1_000_000_000)
        var table = TextTable(
            ("ID", .left), ("SERVER", .left), ("UID", .right), ("STATE", .left), ("FOR", .right), ("FORWARDED", .right), ("ASKED", .right),
            ("BLOCKED", .right), ("DENIED", .right), ("WAIT", .right), ("CLIENT", .left))
        for session in list.sessions { table.add(session.cells(now: now)) }
        let more = list.omitted > 0 ? ["  … and \(list.omitted) more"] : []
        return [TextTable.clipped("kept by \(keeper):", to: width)] + table.lines(indent: "  ", width: width, style) + more
    }

    /// Who keeps them.
    var keeper: String {
        let kind = list.custody == .user ? "a private sandboxd" : "the system's sandboxd"
        return "\(kind) at \(Escaping.quoted(socket)), process \(list.process)"
    }
}

extension SessionSummary {
    fileprivate func cells(now: Int64) -> [String] {
        [
            Escaping.line(id), TextTable.clipped(Escaping.line(server), to: 24), "\(caller)", state.rawValue,
            ApprovalText.duration(now - since), "\(decisions.forward)", "\(decisions.hold)", "\(decisions.block)", "\(denials)",
            "\(waiting)",
            client.map { "\(Escaping.line($0.executable)) (\($0.pid))" } ?? "",
        ]
    }

    /// What is worth a line when it changes.
    var words: String { "\(Escaping.line(id))  \(Escaping.quoted(server)) of uid \(caller)" }
}
