import Decision
import MCP
import SessionProtocol

/// What a server said of its things, as far as it is accepted; and the answers that wait until the daemon has said whether theirs is.
struct Pins {
    /// One thing that a server says something of.
    struct Key: Hashable {
        let kind: ToldDefinition.Kind
        let name: [UInt8]
    }

    /// One definition of it, by its SHA-256.
    struct Definition: Hashable {
        let key: Key
        let digest: [UInt8]
    }

    /// A result that names definitions which are not decided yet.
    struct Page {
        var pending: Pending
        /// The response, written anew from what was read.
        let line: [UInt8]
        let size: Int
        /// What it asked about, and what was answered since it came.
        var asked: Set<Definition> = []
        var answered: Set<Definition> = []

        var isAnswered: Bool { asked.isSubset(of: answered) }
    }

    let mode: GateStart.Pins.Mode
    private var accepted: [Key: [UInt8]] = [:]
    /// Not shown, and its calls blocked, for this reason.
    private var quarantined: [Key: BlockReason] = [:]
    /// What was recorded, so that each definition is recorded once.
    private var recorded: Set<Definition> = []
    private(set) var pages: [RequestID: Page] = [:]
    /// Asked, and not answered.
    private(set) var open: Set<Definition> = []
    private var bytes = 0

    /// Bytes of the results that wait.
    private static let bytesLimit = 8 << 20
    /// Definitions that are asked about at a time.
    static let openLimit = 64
    /// Definitions that are remembered; more than any server's that could be stored.
    private static let memory = 8_192

    init(_ start: GateStart.Pins = .off) {
        mode = start.mode
        for definition in start.definitions {
            let key = Key(kind: definition.kind, name: Array(definition.name.utf8))
            if let digest = definition.digest { accepted[key] = digest } else { quarantined[key] = unacceptable }
        }
    }

    private var unacceptable: BlockReason { mode == .required ? .unreviewedDefinition : .driftedDefinition }

    // MARK: Calls

    /// Why a tool may not be called, or a prompt not be had; nil where it may. A tool that the server has not listed in this session is as it was accepted; where no
    /// definition was, nobody has seen one that it could differ from.
    func reason(against name: [UInt8], _ kind: ToldDefinition.Kind = .tool) -> BlockReason? {
        guard mode != .off else { return nil }
        let key = Key(kind: kind, name: name)
        if let reason = quarantined[key] { return reason }
        return mode == .required && accepted[key] == nil ? .unreviewedDefinition : nil
    }

    func isQuarantined(_ key: Key) -> Bool { quarantined[key] != nil }

    // MARK: Definitions

    /// It need not be asked about.
    func isKnown(_ definition: Definition) -> Bool { quarantined[definition.key] == nil && accepted[definition.key] == definition.digest }

    mutating func accept(_ definition: Definition) {
        guard accepted.count < Self.memory || accepted[definition.key] != nil else { return suspend(definition.key, .storeUnavailable) }
        accepted[definition.key] = definition.digest
        quarantined[definition.key] = nil
    }

    /// Why it is not what was accepted: it changed, or nothing ever was.
    func drift(_ key: Key) -> BlockReason { accepted[key] == nil ? unacceptable : .driftedDefinition }

    func acceptedDigest(_ key: Key) -> [UInt8]? { accepted[key] }

    /// True when this is the first time for this definition.
    mutating func quarantine(_ definition: Definition, _ reason: BlockReason) -> Bool {
        suspend(definition.key, reason)
        guard recorded.count < Self.memory else { return false }
        return recorded.insert(definition).inserted
    }

    /// Until it is asked about again.
    mutating func suspend(_ key: Key, _ reason: BlockReason) {
        guard quarantined.count < Self.memory || quarantined[key] != nil else { return }
        quarantined[key] = reason
    }

    // MARK: Results that wait

    func hasRoom(for line: Int) -> Bool { bytes + line <= Self.bytesLimit && pages.count < Pending.limit }

    mutating func keep(_ id: RequestID, _ page: Page) {
        if let old = pages[id] { bytes -= old.line.count }
        pages[id] = page
        bytes += page.line.count
    }

    mutating func remove(_ id: RequestID) -> Page? {
        guard let page = pages.removeValue(forKey: id) else { return nil }
        bytes -= page.line.count
        return page
    }

    mutating func ask(_ definition: Definition) { open.insert(definition) }

    /// Those results that have all their answers now, in the order of their requests.
    mutating func answered(_ definition: Definition) -> [RequestID] {
        open.remove(definition)
        for id in pages.keys where pages[id]?.asked.contains(definition) == true { pages[id]?.answered.insert(definition) }
        return inOrder.filter { pages[$0]?.isAnswered == true }
    }

    var inOrder: [RequestID] { pages.sorted { $0.value.pending.since < $1.value.pending.since }.map(\.key) }
}
