import KernelPlan
import StrictJSON

extension ProofReport {
    /// `{"policy","origin","custody","sessions","control","outcome","tried","acts","clauses":[{"clause","state","heldBy","attempts":[…]}],
    /// "elsewhere":{"selfTest":[…]}}`; members are added, never renamed.
    var json: JSON {
        [
            "policy": .string(policy), "origin": .string(origin), "custody": .string(custody.rawValue),
            "sessions": .array(sessions.map(JSON.string)), "control": .string(control),
            "outcome": .string(hasFinding ? "broken" : tried == 0 ? "not-tried" : "as-planned"), "tried": JSON(tried), "acts": JSON(acts),
            "clauses": .array(lines.map(json)), "elsewhere": ["selfTest": .array(selfTested.map(JSON.string))],
        ]
    }

    private func json(_ line: Line) -> JSON {
        let results = (line.findings + line.stopped + line.worked).map(\.json)
        let untried = line.untried.map { one -> JSON in
            ["id": .string(one.id), "outcome": "not-tried", "detail": .string(one.reason)]
        }
        return [
            "clause": .string(line.clause.rawValue), "state": .string(line.state.rawValue), "heldBy": .string(holders[line.clause] ?? ""),
            "attempts": .array(results + untried),
        ]
    }
}

extension ProofResult {
    fileprivate var json: JSON {
        let (name, detail) =
            switch outcome {
            case .stopped(let how): ("stopped", how)
            case .worked: ("worked", "")
            case .gotThrough(let what): ("got-through", what)
            case .denied(let how): ("denied-though-permitted", how)
            case .untried(let why): ("not-tried", why)
            }
        return [
            "id": .string(attempt.id), "what": .string(attempt.what), "permitted": .bool(attempt.isPermitted), "outcome": .string(name),
            "detail": .string(detail),
        ]
    }
}
