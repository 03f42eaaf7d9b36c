import MCP

/// Tasks at their plainest, without bytes: about which of them who may say what. Held against the gate.
struct TaskModel {
    enum Request: Hashable {
        case call(asTask: Bool)
        case get(String)
        case result(String)
        case cancel(String)

        var task: String? {
            switch self {
            case .call: nil
            case .get(let task), .result(let task), .cancel(let task): task
            }
        }
    }

    enum Answer: Hashable {
        /// The call became a task.
        case created(String)
        /// A tool's result.
        case content
        case state(String)
        case nothing
        case error
    }

    enum Act: Hashable {
        case ask(String, Request)
        case withdraw(String)
        case answer(String, Answer)
        case notice(String)
    }

    enum Sight: Hashable {
        case asked(String)
        case withdrawn(String)
        case answered(String)
        case told(String)
        /// The gate's own answer; nil: to nobody in particular.
        case refused(String?)
    }

    struct Sights: Hashable {
        var toServer: [Sight] = []
        var toClient: [Sight] = []
    }

    let era: Era
    private var waiting: [String: (request: Request, isWithdrawn: Bool)] = [:]
    private(set) var tasks: Set<String> = []
    private var used: Set<String> = []

    init(_ era: Era) { self.era = era }

    mutating func act(_ act: Act) -> Sights {
        switch act {
        case .ask(let id, let request):
            guard waiting[id] == nil else { return Sights(toClient: [.refused(nil)]) }
            if let task = request.task, !tasks.contains(task) { return Sights(toClient: [.refused(id)]) }
            waiting[id] = (request, false)
            return Sights(toServer: [.asked(id)])
        case .withdraw(let id):
            guard waiting[id]?.isWithdrawn == false else { return Sights() }
            waiting[id]?.isWithdrawn = true
            return Sights(toServer: [.withdrawn(id)])
        case .answer(let id, let answer):
            guard let (request, isWithdrawn) = waiting.removeValue(forKey: id) else { return Sights() }
            let passes = passes(answer, to: request, isWithdrawn: isWithdrawn)
            return isWithdrawn ? Sights() : Sights(toClient: [passes ? .answered(id) : .refused(id)])
        // In the modern era nobody listens here.
        case .notice(let task): return Sights(toClient: era == .legacy && tasks.contains(task) ? [.told(task)] : [])
        }
    }

    private mutating func passes(_ answer: Answer, to request: Request, isWithdrawn: Bool) -> Bool {
        switch (request, answer) {
        case (.call(let asTask), .created(let task)):
            guard asTask || isWithdrawn, used.insert(task).inserted, !isWithdrawn else { return false }
            tasks.insert(task)
            return true
        case (_, .error), (.call, _): return true
        case (.get(let task), .state(let other)): return task == other
        case (.cancel(let task), .state(let other)): return era == .legacy && task == other
        case (.cancel, .nothing): return era == .modern
        case (.result, .content), (.result, .nothing): return true
        case (.get, _), (.result, _), (.cancel, _): return false
        }
    }
}
