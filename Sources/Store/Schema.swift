/// The tables, by version. What was released is never changed: what comes later is one more script.
enum Schema {
    static let migrations = [[budgets, grants, pins].joined(separator: "\n"), leases, usedGrants, refusals, refusingHosts]
}
