import KernelPlan

/// Who runs this daemon. `Evidence` has a `Custody` of its own, for what a log claims.
typealias HostCustody = Custody
