import KernelPlan

/// What a session's programs do about connections that exist already.
struct ConnectionRules: Sendable, Hashable {
    /// Those that the session opens are marked, since it can accept others.
    var areMarked: Bool
    /// Each packet of them is judged: the policy was tightened, and they were made before.
    var areJudged: Bool

    /// At launch. A session that cannot listen opens all of them; one without the hooks of connections cannot mark, and is not tightened in place.
    init(launching plan: CgroupPlan) {
        areMarked = plan.own != .none && plan.hooks.contains(.connect4) && plan.hooks.contains(.connect6)
        areJudged = false
    }

    /// When it is tightened.
    init(tighteningMarked areMarked: Bool) {
        self.areMarked = areMarked
        areJudged = true
    }
}
