import Descriptors
import Evidence
import KernelPlan
import Policy
import StrictJSON

/// What the next daemon must know of a session: written before the keeper starts, removed when the session is closed.
struct SessionRecord: Sendable, Hashable {
    var id: String
    var users: UserPool.Users?
    var scope: String
    /// By controller, the cgroup that holds the limit.
    var limits: [Controller: String]
    var pins: String
    var server: String
    var policy: String
    var plan: String
    var host: String
    /// Receipts of what Landlock denies were promised.
    var isAudited = false
    /// False where there was nothing that this version reads: what stands here follows from the id alone, and the session is not gone on with.
    var isRead = true
    /// Which start of the host it is of; nil in a record of a version that did not say.
    var boot: String?
    /// What is needed to ask about its calls; `nil` in a record of a version that did not.
    var held: Held?
    /// What its calls may be charged to.
    var budgets = SessionBudgets()
    /// What its server's definitions are held to.
    var definitions = SessionDefinitions()
    /// nil in a record of a version that did not say.
    var outline: SessionOutline?

    struct Held: Sendable, Hashable {
        let caller: UInt32
        let client: ClientProcess?
        let approvers: Approvers

        var json: JSON {
            [
                "caller": JSON(Int(caller)), "client": client?.json ?? .null, "by": .array(approvers.texts.map(JSON.string)),
                "within": JSON(approvers.within), "wait": JSON(approvers.wait),
            ]
        }

        init(caller: UInt32, client: ClientProcess?, approvers: Approvers) {
            self.caller = caller
            self.client = client
            self.approvers = approvers
        }

        init?(_ json: JSON?) {
            guard let json, let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }), let texts = json["by"]?.array,
                let within = json["within"]?.int64, let wait = json["wait"]?.int64
            else { return nil }
            let by = texts.compactMap { $0.string.flatMap(ApprovalsClause.Approver.init(text:)) }
            guard by.count == texts.count else { return nil }
            self.init(
                caller: caller, client: ClientProcess(json["client"]), approvers: Approvers(by: by, within: Int(within), wait: Int(wait)))
        }
    }

    var json: JSON {
        [
            "version": 1, "id": .string(id), "uid": users.map { JSON(Int($0.server)) } ?? .null, "scope": .string(scope),
            "limits": .object(JSONObject(Controller.allCases.compactMap { one in limits[one].map { (one.rawValue, .string($0)) } })),
            "pins": .string(pins),
            "server": .string(server), "policy": .string(policy), "plan": .string(plan), "host": .string(host),
            "audited": .bool(isAudited), "boot": boot.map(JSON.string) ?? .null, "held": held?.json ?? .null,
            "budgets": budgets.json, "definitions": definitions.json, "outline": outline?.json ?? .null,
        ]
    }

    /// `nil` for what no daemon of this version wrote.
    init?(bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), json["version"]?.int64 == 1, let id = json["id"]?.string,
            let scope = json["scope"]?.string, let limits = Self.limits(json["limits"]),
            let pins = json["pins"]?.string, let server = json["server"]?.string, let policy = json["policy"]?.string,
            let plan = json["plan"]?.string, let host = json["host"]?.string
        else { return nil }
        guard let users = Self.users(json) else { return nil }
        self.init(
            id: id, users: users, scope: scope, limits: limits, pins: pins, server: server,
            policy: policy, plan: plan, host: host, isAudited: json["audited"] == true, boot: json["boot"]?.string,
            held: Held(json["held"]),
            budgets: SessionBudgets(json["budgets"]), definitions: SessionDefinitions(json["definitions"]),
            outline: SessionOutline(json["outline"]))
    }

    /// By the first of the three. `.some(nil)` for a session that has none of its own, `nil` for what says neither.
    private static func users(_ json: JSON) -> UserPool.Users?? {
        guard let uid = json["uid"] else { return nil }
        if uid == .null { return .some(nil) }
        guard let server = uid.int64.flatMap({ UInt32(exactly: $0) }) else { return nil }
        return UserPool.Users(server: server)
    }

    /// None where the record is of a version that had no limits.
    private static func limits(_ json: JSON?) -> [Controller: String]? {
        guard let json else { return [:] }
        guard case .object(let object) = json else { return nil }
        var limits: [Controller: String] = [:]
        for (name, value) in object.members {
            guard let controller = Controller(rawValue: name), let directory = value.string else { return nil }
            limits[controller] = directory
        }
        return limits
    }

    init(
        id: String, users: UserPool.Users?, scope: String, limits: [Controller: String], pins: String, server: String, policy: String,
        plan: String, host: String, isAudited: Bool = false, boot: String? = nil, held: Held? = nil,
        budgets: SessionBudgets = SessionBudgets(), definitions: SessionDefinitions = SessionDefinitions(), outline: SessionOutline? = nil
    ) {
        self.id = id
        self.users = users
        self.scope = scope
        self.limits = limits
        self.pins = pins
        self.server = server
        self.policy = policy
        self.plan = plan
        self.host = host
        self.isAudited = isAudited
        self.boot = boot
        self.held = held
        self.budgets = budgets
        self.definitions = definitions
        self.outline = outline
    }

    /// random(4): another one after each start of the host.
    static func currentBoot() -> String? {
        guard let bytes = try? WorkingDirectory().contents(of: "/proc/sys/kernel/random/boot_id", limit: 64) else { return nil }
        return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }

    /// As receipts of the session repeat it; `nil` for an id that is none.
    var facts: SessionFacts? {
        SessionFacts(session: id, policy: Digest(hex: policy), plan: Digest(hex: plan), host: Digest(hex: host))
    }

    /// Writes it whole: a new file, renamed into place.
    func write(to path: String, durably: Bool = false) throws(Errno) {
        let file = try WorkingDirectory().open(path + ".new", [.write, .create, .truncate], mode: 0o600)
        try file.writeWhole(json.encoded())
        if durably { try file.synchronize() }
        try WorkingDirectory().rename(path + ".new", to: path)
    }
}
