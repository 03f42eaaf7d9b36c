import ControlProtocol
import KernelPlan
import PathFinding
import Policy
import PolicyText
import StrictJSON

/// What a session was seen to do, and where: what a policy for it is made of.
struct LearnedSession {
    private let sightings: Sightings
    private let place: LearnedPolicy.Place
    private let start: LocalPolicy.Start
    private let invocation: Invocation
    private let environment: CallerEnvironment
    private let server: JSON?

    private static let presets = ["runtime-python", "runtime-node"]

    init(
        _ sightings: Sightings, _ command: WrapPreparation.FoundCommand, _ texts: PolicyTexts, _ inputs: [String: String],
        _ invocation: Invocation,
        _ environment: CallerEnvironment
    ) throws(LearnFailure) {
        self.invocation = invocation
        self.environment = environment
        start = LocalPolicy.Start(command: command.path, more: [])
        let local: LocalPolicy
        do { local = try LocalPolicy(texts, inputs: inputs, environment, starting: start) } catch { throw .policy(.refused(error, texts)) }
        var seen = sightings
        let permitted = ActJudge(ResolvedPolicy(local.policy, launching: local.launch))
        seen.moveDenied { !permitted.permits($0) }
        self.sightings = seen
        server = local.expanded.document["server"]?["env"]
        let home = environment.home.map(PresentPath.resolved)
        var place = LearnedPolicy.Place(home: home, project: nil)
        let project = PresentPath.resolved(inputs["project"] ?? CallerEnvironment.workingDirectory ?? "/")
        if project != "/", seen.hasFiles(below: project) { place.project = project }
        // The command, its interpreter and its loader.
        let chain = local.launch.chain.map(\.facts.resolved)
        place.covered = Set(local.launch.floor.map(\.resolved) + chain)
        place.nameservers = Set(ResolverConfiguration.nameservers().addresses)
        Self.choosePreset(&place, seen, chain, command.path, environment)
        self.place = place
    }

    private static func choosePreset(
        _ place: inout LearnedPolicy.Place, _ seen: Sightings, _ chain: [String], _ command: String, _ environment: CallerEnvironment
    ) {
        let files = seen.readFiles.filter { !PathGeneralisation.isCovered($0, by: place.covered) }
        var best: (preset: String, paths: Set<String>, count: Int)?
        let isNode = chain.contains { $0.split(separator: "/").last?.hasPrefix("node") ?? false }
        for preset in isNode ? presets.reversed() : presets {
            let paths = Self.paths(of: preset, command, environment)
            let count = files.count { PathGeneralisation.isCovered($0, by: paths) }
            if count > best?.count ?? 2 { best = (preset, paths, count) }
        }
        guard let best else { return }
        place.preset = best.preset
        place.covered.formUnion(best.paths)
    }

    /// What a preset lets be read here, resolved.
    private static func paths(of preset: String, _ command: String, _ environment: CallerEnvironment) -> Set<String> {
        guard let texts = try? PolicyTexts(preset, finder: PolicyFinder(directories: [])), let draft = try? texts.draft() else { return [] }
        var variables = LocalPolicy.variables(nil, inputs: [:], environment)
        variables.server = PathGeneralisation.directory(of: command)
        guard let expanded = try? draft.expanded(with: variables) else { return [] }
        return Set(expanded.requestedPaths.filter { $0.purpose == .read }.map { PresentPath.resolved($0.path) })
    }

    // MARK: The policy

    /// The text, without the lines for which this host would refuse it; those are told.
    func text() -> String {
        var policy = self.policy
        var text = policy.text
        for _ in 0..<Self.attempts {
            let reasons = refusals(text)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            var isOther = false
            for reason in reasons {
                guard let line = reason.location?.line, lines.indices.contains(line - 1), let path = Self.entry(String(lines[line - 1]))
                else { continue }
                let key = path.hasPrefix("/") || path.hasPrefix("$") ? policy.path(of: path) : path
                if policy.refused.updateValue(ReasonWords(reason).message, forKey: key) == nil { isOther = true }
            }
            guard isOther else { break }
            text = policy.text
        }
        return text
    }

    private static let attempts = 8

    /// `- PATH  # comment`
    private static func entry(_ line: String) -> String? {
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix("- ") else { return nil }
        let text = trimmed.dropFirst(2)
        guard text.hasPrefix("\"") else { return String(text.prefix { $0 != " " }) }
        return String(text.dropFirst().prefix { $0 != "\"" })
    }

    private func refusals(_ text: String) -> [Reason] {
        do throws(Refusal) {
            let texts = try PolicyTexts(NamedText(name: "learned", bytes: Array(text.utf8)), finder: PolicyFinder(directories: []))
            let local = try LocalPolicy(texts, inputs: [:], environment, starting: start)
            guard var hosts = try? HostChoice(invocation, environment), let host = try? hosts.hosts().first else { return [] }
            _ = try local.plan(for: host.profile)
            return []
        } catch {
            return error.reasons.all
        }
    }

    private var policy: LearnedPolicy {
        var policy = LearnedPolicy(sightings: sightings, place: place)
        let program = String(start.command.split(separator: "/").last ?? "server")
        policy.name = invocation.value("name") ?? program
        let words = (invocation.trailing ?? []).map { LearningAdvice.shell(String(decoding: $0, as: UTF8.self)) }.joined(separator: " ")
        policy.head = [
            "sandboxctl wrap --policy \(invocation.value("output").map { LearningAdvice.shell($0) } ?? "FILE") -- \(words)",
            "",
            "Learned from one session: what it did is permitted, good or bad. Read it before it is used. A directory that was listed, or of which three files or more were read, is granted whole, unless it is one of the widest.",
        ]
        policy.unobserved = [
            "what it reads of its environment, and values of arguments",
            "unix sockets, and being connected to: both are denied while it is learned",
            "what it did by other ways than paths: descriptors that it had open, datagrams written without send(2)",
        ]
        policy.environment = server
        return policy
    }

    func gap(_ policy: String) throws(LearnFailure) -> PolicyGap {
        var place = place
        // What the policy permits is judged, act by act; a preset is not assumed.
        place.preset = nil
        return try PolicyGap(sightings, policy: policy, invocation, place: place, starting: start)
    }
}

extension Sightings {
    var readFiles: [String] {
        acts.keys.compactMap { if case .file(.read, let path) = $0 { path } else { nil } }
    }

    func hasFiles(below directory: String) -> Bool {
        acts.keys.contains { act in
            if case .file(_, let path) = act { path == directory || path.hasPrefix(directory + "/") } else { false }
        }
    }
}
