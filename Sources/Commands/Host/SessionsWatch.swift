import ControlProtocol
import Descriptors
import StrictJSON

/// `sandboxctl sessions --watch`: looks again and again. Private daemons come and go with their sessions, so that all that are there are asked.
enum SessionsWatch {
    private static let milliseconds: Int32 = 1_000

    static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let pause: FollowPause
        do { pause = try FollowPause(milliseconds: milliseconds) } catch {
            return fail(("cannot wait for signals: \(ErrnoWords.text(error.name))", nil), console)
        }
        let isLive = console.isLive && !invocation.has("json")
        return isLive ? draw(invocation, pause, console) : tell(invocation, pause, console)
    }

    private static func tell(_ invocation: Invocation, _ pause: borrowing FollowPause, _ console: Console) -> ExitStatus {
        var lines = ChangeLines(isJSON: invocation.has("json"))
        repeat {
            let kept = SessionsCommand.asked(invocation)
            guard console.write(lines.take(kept)) else { return .success }
            if let problem = kept.problems.first { return fail(problem, console) }
        } while pause.wait(for: console.output)
        return .success
    }

    private static func draw(_ invocation: Invocation, _ pause: borrowing FollowPause, _ console: Console) -> ExitStatus {
        var drawn = 0
        repeat {
            let kept = SessionsCommand.asked(invocation)
            if let problem = kept.problems.first { return fail(problem, console) }
            let lines = fitting(kept.text(console.columns, console.outputStyle).split(separator: "\n").map(String.init), console.rows)
            // Up to where the last one began, and nothing below is left of it (ECMA-48 8.3.35, 8.3.39).
            let back = drawn > 0 ? "\u{1b}[\(drawn)F\u{1b}[J" : ""
            guard console.write(back + lines.map { $0 + "\n" }.joined()) else { return .success }
            drawn = lines.count
        } while pause.wait(for: console.output)
        return .success
    }

    /// What scrolls away cannot be drawn over.
    private static func fitting(_ lines: [String], _ rows: Int?) -> [String] {
        guard let rows, lines.count >= rows else { return lines }
        let shown = max(1, rows - 2)
        return lines.prefix(shown) + ["… and \(lines.count - shown) more lines"]
    }

    private static func fail(_ problem: (message: String, help: String?), _ console: Console) -> ExitStatus {
        console.warn(ProblemText.text(problem, console.errorStyle))
        return .unreachable
    }
}

/// A line for each session whose state is another than when it was looked at last.
private struct ChangeLines {
    let isJSON: Bool
    private var known: [String: (state: SessionSummary.State, object: JSONObject, words: String)] = [:]

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func take(_ kept: KeptSessions) -> String {
        var now: [String: (state: SessionSummary.State, object: JSONObject, words: String)] = [:]
        var text = ""
        for list in kept.lists {
            for (session, object) in zip(list.list.sessions, list.objects) {
                now[session.id] = (session.state, object, session.words)
                if known[session.id]?.state != session.state { text += line(session.state.rawValue, object, session.words) }
            }
        }
        for (id, last) in known.sorted(by: { $0.key < $1.key }) where now[id] == nil { text += line("over", last.object, last.words) }
        known = now
        return text
    }

    private func line(_ event: String, _ object: JSONObject, _ words: String) -> String {
        guard isJSON else { return "\(event.padding(to: 10))\(words)\n" }
        let json: JSON = ["event": .string(event), "session": .object(object)]
        return String(decoding: json.encoded(), as: UTF8.self) + "\n"
    }
}
